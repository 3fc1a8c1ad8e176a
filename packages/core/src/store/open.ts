/** Opens a tree, and makes it when it is new. Runs once, before the first request, so its file calls are synchronous. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { relative, resolve } from 'node:path';
import { PagetreeError } from '../errors.ts';
import type { TreeOptions } from '../options.ts';
import { foldsAsFound } from './folding.ts';
import { codeOf, isForbidden, isFull } from './io.ts';
import { READ } from './io-calls.ts';
import { type Manifest, manifestFrom, readManifest, reconcile, writeOnce } from './manifest.ts';
import { CACHEDIR_TAG, hiddenTree, type TreePaths, treePaths } from './tree.ts';

/** An open tree. */
export interface Tree extends TreePaths {
  readonly manifest: Manifest;
  /** What cache-warm shows to a middleware on the same tree; `undefined` when this user may not read it. */
  readonly secret: string | undefined;
  /** This process may not write here: pages are served, none is stored. */
  readonly readOnly: boolean;
  /** The file mode mask of this process takes rights away, so modes have to be set by hand. */
  readonly masked: boolean;
  /** The file system takes some names that differ for one: `Foo` and `foo`, or two spellings of `é`. */
  readonly folds: boolean;
  /** Why `masked` and `folds` are only the careful guess: the disk was full, so that nothing could be tried out. */
  readonly untried?: Error;
}

interface OpenOptions {
  readonly cacheDir: string;
  readonly tree: TreeOptions;
  readonly adopt: boolean;
  readonly fileMode: number;
  readonly dirMode: number;
  /** Do not make a tree: fail when there is none. */
  readonly mustExist: boolean;
}

const TAG = `Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache made by Pagetree. Its content can be made again.
# About cache folder tags see https://bford.info/cachedir/
`;

/** Names that a new, empty folder may have: left there by version control, file systems and editors. */
const harmless = new Set([
  '.gitkeep',
  '.gitignore',
  '.keep',
  'lost+found',
  '.DS_Store',
  CACHEDIR_TAG,
  '.pagetree',
]);

function complain(cacheDir: string, what: string, cause?: unknown): PagetreeError {
  return new PagetreeError(
    'ERR_PAGETREE_CACHE_DIR',
    `cacheDir: expected a folder that can be written, but ${cacheDir} ${what}.`,
    cause === undefined ? {} : { cause },
  );
}

const faults: Record<string, string> = {
  EACCES: 'may not be used by this user',
  EPERM: 'may not be used by this user',
  EROFS: 'is on a read-only file system',
  ENOSPC: 'is on a disk that is full',
  ENOTDIR: 'is below a file',
  EEXIST: 'is a file',
  ENAMETOOLONG: 'has a name that is too long',
  ELOOP: 'is a loop of symbolic links',
};

function faultOf(cacheDir: string, error: unknown): PagetreeError {
  if (error instanceof PagetreeError) return error;
  const code = codeOf(error) ?? 'unknown error';
  return complain(cacheDir, faults[code] ?? `cannot be used (${code})`, error);
}

function realFolder(cacheDir: string, options: OpenOptions): string {
  try {
    if (!fs.statSync(cacheDir).isDirectory()) throw complain(cacheDir, 'is a file');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw faultOf(cacheDir, error);
    if (options.mustExist) throw noTree(cacheDir, 'does not exist');
    try {
      fs.mkdirSync(cacheDir, { recursive: true, mode: options.dirMode });
    } catch (cause) {
      throw faultOf(cacheDir, cause);
    }
  }
  return fs.realpathSync.native(cacheDir);
}

function noTree(cacheDir: string, why: string): PagetreeError {
  return new PagetreeError('ERR_PAGETREE_NO_TREE', `cacheDir: ${cacheDir} ${why}.`);
}

function makeInternal(tree: TreePaths, options: OpenOptions): void {
  const { root, meta } = hiddenTree(tree);
  const shared = [tree.internal, tree.meta, tree.fills, tree.trash, tree.tags, tree.usage, tree.hidden];
  for (const folder of [...shared, root, meta]) {
    try {
      fs.mkdirSync(folder, options.dirMode);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      const found = fs.lstatSync(folder, { throwIfNoEntry: false });
      if (found?.isDirectory() === false)
        throw complain(
          tree.root,
          `has something else at ${relative(tree.root, folder)}, where a folder belongs`,
        );
      continue;
    }
    try {
      fs.chmodSync(folder, options.dirMode);
    } catch (error) {
      // A purge of everything took it: whoever needs it next makes it.
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
}

/** A link is not followed: what it leads to may be a secret of somebody else, and a token is shown to a site. */
function readSecret(tree: TreePaths): string | undefined {
  let fd: number | undefined;
  try {
    fd = fs.openSync(tree.tokenFile, READ);
    const text = fs.readFileSync(fd, 'utf8').trim();
    return text.length >= 32 ? text : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** What is not there is no obstacle: whoever needs a folder makes it. */
function canWrite(tree: TreePaths): boolean {
  for (const folder of [tree.root, tree.meta, tree.fills, tree.trash]) {
    try {
      fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') return false;
    }
  }
  return true;
}

/**
 * Tries out what can only be learnt by doing: whether modes stick, and whether names that differ stay apart. A disk that is
 * full can still be purged, so there the careful answer is given to both.
 */
function probe(tree: TreePaths, options: OpenOptions): Pick<Tree, 'masked' | 'folds' | 'untried'> {
  const folder = `${tree.trash}/${randomBytes(8).toString('hex')}`;
  const name = '\u00e9a';
  try {
    fs.mkdirSync(folder, options.dirMode);
  } catch (error) {
    if (isFull(error)) return guess(error);
    throw error;
  }
  try {
    const file = `${folder}/${name}`;
    fs.closeSync(fs.openSync(file, 'wx', options.fileMode));
    return {
      masked:
        (fs.statSync(folder).mode & 0o777) !== options.dirMode ||
        (fs.statSync(file).mode & 0o777) !== options.fileMode,
      folds: [name.toUpperCase(), name.normalize('NFD')].some((other) => fs.existsSync(`${folder}/${other}`)),
    };
  } catch (error) {
    if (isFull(error)) return guess(error);
    throw error;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function guess(cause: unknown): Pick<Tree, 'masked' | 'folds' | 'untried'> {
  const untried = new Error(
    'The disk is full, so that nobody can tell whether it takes names that differ for one: until there is space no page is kept in memory, and each hit lists the folders on its way.',
    { cause },
  );
  return { masked: true, folds: true, untried: Object.assign(untried, { code: codeOf(cause) }) };
}

/** Others purge, sweep and open the same tree, and may take what was just made: each step can be done again. */
const OPEN_TRIES = 16;

/**
 * Opens the tree in a folder; makes folder and tree when they are not there.
 *
 * @throws PagetreeError when the folder cannot be a tree or the options contradict its manifest.
 */
export function openTree(options: OpenOptions): Tree {
  const cacheDir = resolve(options.cacheDir);
  for (let tries = 1; ; tries += 1) {
    try {
      return openOnce(cacheDir, options);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || tries === OPEN_TRIES) throw faultOf(cacheDir, error);
    }
  }
}

/** Makes a folder a tree, unless somebody else just did, and returns its manifest. */
function makeTree(cacheDir: string, tree: TreePaths, options: OpenOptions): Manifest {
  if (options.mustExist) throw noTree(cacheDir, 'is not a Pagetree cache: .pagetree/tree.json is missing');
  const stranger = options.adopt ? undefined : fs.readdirSync(tree.root).find((name) => !harmless.has(name));
  if (stranger !== undefined) {
    const theirs = readManifest(tree);
    if (theirs !== undefined) return theirs;
    throw new PagetreeError(
      'ERR_PAGETREE_NOT_A_TREE',
      `cacheDir: expected an empty folder or a Pagetree cache, but ${cacheDir} has ${JSON.stringify(stranger)} in it and no .pagetree/tree.json.`,
    );
  }
  makeInternal(tree, options);
  const text = `${JSON.stringify(manifestFrom(options.tree), null, 2)}\n`;
  writeOnce(tree, tree.manifestFile, text, options.fileMode);
  const manifest = readManifest(tree);
  if (manifest !== undefined) return manifest;
  throw Object.assign(new Error(`${tree.manifestFile} is gone`), { code: 'ENOENT' });
}

/** @throws ENOENT when something that was there a moment ago is gone. */
function openOnce(cacheDir: string, options: OpenOptions): Tree {
  const tree = treePaths(realFolder(cacheDir, options));
  const manifest = readManifest(tree) ?? makeTree(cacheDir, tree, options);
  const inForce = reconcile(manifest, options.tree, tree.manifestFile);
  let readOnly = false;
  try {
    makeInternal(tree, options);
    readOnly = !canWrite(tree);
    if (!readOnly) {
      if (!fs.existsSync(`${tree.root}/${CACHEDIR_TAG}`))
        writeOnce(tree, `${tree.root}/${CACHEDIR_TAG}`, TAG, options.fileMode);
      if (!fs.existsSync(tree.tokenFile))
        writeOnce(tree, tree.tokenFile, `${randomBytes(32).toString('base64url')}\n`, 0o600);
    }
  } catch (error) {
    if (!isForbidden(error)) throw error;
    readOnly = true;
  }
  return {
    ...tree,
    manifest: inForce,
    secret: readSecret(tree),
    readOnly,
    ...(readOnly ? { masked: false, folds: foldsAsFound(tree) } : probe(tree, options)),
  };
}
