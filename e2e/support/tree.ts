/** What lies in a tree, seen from outside: by the file system, not by Pagetree. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A temporary folder that goes when the tests of the file are through. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pagetree-e2e-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** `find <folder> -type f`, relative and sorted. */
export async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** The files of a tree that are pages or variants of pages. */
export async function pagesOf(cacheDir: string): Promise<string[]> {
  return (await filesOf(cacheDir)).filter(
    (file) => file !== 'CACHEDIR.TAG' && !file.startsWith('.pagetree/'),
  );
}

/** What fills and purges left lying about: nothing, when nothing runs. */
export async function leftovers(cacheDir: string): Promise<string[]> {
  const files = await filesOf(cacheDir);
  return files.filter((file) => /^\.pagetree\/(fills|trash)\//.test(file));
}

/**
 * The place of each path in the layout `mirror`, worked out from the list alone: a path that others are below
 * is a folder, so its page is in it.
 */
export function placesFor(paths: readonly string[]): Map<string, string> {
  const folders = new Set(paths.flatMap(foldersOf));
  return new Map(
    paths.map((path) => {
      if (path.endsWith('/')) return [path, `${path.slice(1)}__index.html`];
      return [path, folders.has(path) ? `${path.slice(1)}/__page.html` : path.slice(1)];
    }),
  );
}

function foldersOf(path: string): string[] {
  const parents = path.split('/').slice(1, -1);
  return parents.map((_, at) => `/${parents.slice(0, at + 1).join('/')}`);
}
