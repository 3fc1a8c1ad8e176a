import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A new folder that goes when the test file has ended. */
export function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pagetree-warm-')));
  made.push(folder);
  return folder;
}

/** What is left of fills: nothing, after every run. */
export function leftovers(cacheDir: string): string[] {
  const fills = join(cacheDir, '.pagetree', 'fills');
  if (!existsSync(fills)) return [];
  const entries = readdirSync(fills, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
}
