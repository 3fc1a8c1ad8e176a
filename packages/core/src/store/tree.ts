/** Where everything of a tree is on disk (format 1). */
import { hash } from 'node:crypto';
import { join } from 'node:path';

/** The folder of everything that is not a page. */
export const INTERNAL = '.pagetree';
/** What the name of a meta file ends in. */
export const META_SUFFIX = '.pagetree';
/** Marks a folder as a cache for backup tools (bford.info/cachedir). */
export const CACHEDIR_TAG = 'CACHEDIR.TAG';

/** Whether a name is the one that cache folders are known by, also where the file system lowers names. No page has it. */
export function isCachedirTag(name: string): boolean {
  return name.toUpperCase() === CACHEDIR_TAG;
}

/** The absolute paths of a tree. */
export interface TreePaths {
  /** The real path of the folder: no link in it. */
  readonly root: string;
  readonly internal: string;
  readonly manifestFile: string;
  readonly tokenFile: string;
  readonly meta: string;
  readonly fills: string;
  readonly trash: string;
  readonly tags: string;
  readonly usage: string;
  /** Pages that no front-end server sees, and their meta. */
  readonly hidden: string;
}

/** The paths of the tree whose real folder is `root`. */
export function treePaths(root: string): TreePaths {
  const internal = join(root, INTERNAL);
  return {
    root,
    internal,
    manifestFile: join(internal, 'tree.json'),
    tokenFile: join(internal, 'token'),
    meta: join(internal, 'meta'),
    fills: join(internal, 'fills'),
    trash: join(internal, 'trash'),
    tags: join(internal, 'tags'),
    usage: join(internal, 'usage'),
    hidden: join(internal, 'private'),
  };
}

/** The paths of the pages that no front-end server sees: a tree of its own that shares everything else. */
export function hiddenTree<T extends TreePaths>(tree: T): T {
  return { ...tree, root: join(tree.hidden, 'pages'), meta: join(tree.hidden, 'meta') };
}

/** The file of a place, given relative to the tree. */
export function fileOf(tree: TreePaths, path: string): string {
  return `${tree.root}/${path}`;
}

/** The meta file of a place. */
export function metaOf(tree: TreePaths, path: string): string {
  return `${tree.meta}/${path}${META_SUFFIX}`;
}

/** A name of fixed length for a text of any length and any bytes. */
export function hashOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}

/** The folder that a key with this hash is filled in: one of sixteen, so that a look at it shows few others. They stay. */
export function fillFolderOf(tree: TreePaths, hash: string): string {
  return `${tree.fills}/${hash[0]}`;
}

/** The suffixes of variants, and the content coding each holds (RFC 9110, 8.4.1). */
export const variantSuffixes = { gzip: '.gz', br: '.br', zstd: '.zst' } as const;

/**
 * Whether a variant was made from a body: it has its time to the microsecond, since two versions may be of one millisecond.
 * Tools that make or copy variants may cut the time to whole seconds.
 */
export function isOfTime(variant: { readonly mtimeMs: number }, body: { readonly mtimeMs: number }): boolean {
  if (Math.abs(variant.mtimeMs - body.mtimeMs) < 0.0005) return true;
  return variant.mtimeMs % 1000 === 0 && Math.floor(body.mtimeMs / 1000) * 1000 === variant.mtimeMs;
}

/** The same as a list, in the order in which they are removed and put. */
export const suffixes: readonly string[] = Object.values(variantSuffixes);
