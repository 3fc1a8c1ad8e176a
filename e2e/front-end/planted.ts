/** A tree that is put there by hand: every file has the same old time, so that validators can be compared. */
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { createPageCache, type TreeOptions } from '@pagetree/core';

export const aged = new Date('2026-01-02T03:04:05Z');

export interface Planted {
  readonly text: string;
  /** With `.gz` and `.br` beside it. */
  readonly variants?: boolean;
}

/** Makes a tree with these files. */
export async function plantTree(
  cacheDir: string,
  options: TreeOptions,
  files: Readonly<Record<string, string | Planted>>,
): Promise<void> {
  await createPageCache({ cacheDir, ...options }).close();
  for (const [name, file] of Object.entries(files)) {
    const { text, variants = false } = typeof file === 'string' ? { text: file } : file;
    await plantFile(join(cacheDir, name), text);
    if (!variants) continue;
    await plantFile(join(cacheDir, `${name}.gz`), gzipSync(text));
    await plantFile(join(cacheDir, `${name}.br`), brotliCompressSync(text));
  }
}

export async function plantFile(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  await utimes(path, aged, aged);
}
