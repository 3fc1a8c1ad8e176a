/**
 * The manifest: what every tool must agree on about a tree. Whoever opens a tree first writes it, everyone
 * later reads it, and an option that contradicts it is an error.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import type { Layout } from '../contracts.ts';
import { PagetreeError } from '../errors.ts';
import { layouts } from '../key/layouts/all.ts';
import { isBuiltIn, isLayoutName } from '../key/layouts/own.ts';
import { faultOfNaming } from '../key/naming.ts';
import type { TreeOptions } from '../options.ts';
import { codeOf, isForbidden } from './io.ts';
import type { TreePaths } from './tree.ts';

/** The version of the disk format. */
export const FORMAT = 1;

/** The content of `.pagetree/tree.json`. */
export interface Manifest extends Required<Omit<TreeOptions, 'layout'>> {
  readonly format: typeof FORMAT;
  /** The name of the layout. One that is not built in must be given to whoever opens the tree. */
  readonly layout: string;
}

/** What may stand in the value of a field (RFC 9110, 5.5), without the octets that have no meaning. */
const PRINTABLE = /^[\t\x20-\x7e]+$/;

/** The layout that an option stands for. */
function layoutFrom(option: TreeOptions['layout'] = 'mirror'): Layout {
  return typeof option === 'object' ? option : layouts[option];
}

/** The manifest of a new tree. */
export function manifestFrom(options: TreeOptions): Manifest {
  const layout = layoutFrom(options.layout);
  return {
    format: FORMAT,
    layout: layout.name,
    directoryIndex: options.directoryIndex ?? layout.directoryIndex,
    pageFile: options.pageFile ?? '__page.html',
    trailingSlash: options.trailingSlash ?? 'always',
    contentType: options.contentType ?? 'text/html',
    types: options.types ?? {},
    cacheControl: options.cacheControl ?? {},
    fidelity: options.fidelity ?? 'loose',
  };
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The manifest that is in force, given what the tree says and what the options say.
 *
 * @throws PagetreeError ERR_PAGETREE_MANIFEST_MISMATCH that names both values; ERR_PAGETREE_LAYOUT when the tree has a layout of
 * somebody's own and the options have none.
 */
export function reconcile(stored: Manifest, options: TreeOptions, path: string): Manifest {
  if (options.layout === undefined && !isBuiltIn(stored.layout)) {
    throw new PagetreeError(
      'ERR_PAGETREE_LAYOUT',
      `layout: the tree was made with a layout of its own, ${JSON.stringify(stored.layout)} (${path}), and no layout was given.`,
    );
  }
  for (const [name, option] of Object.entries(options) as [keyof TreeOptions, unknown][]) {
    const wanted = name === 'layout' && option !== undefined ? layoutFrom(options.layout).name : option;
    const kept = stored[name];
    if (wanted !== undefined && canonical(wanted) !== canonical(kept)) {
      throw new PagetreeError(
        'ERR_PAGETREE_MANIFEST_MISMATCH',
        `${name}: the tree was made with ${JSON.stringify(kept)} (${path}), the option says ${JSON.stringify(wanted)}.`,
      );
    }
  }
  return stored;
}

function isRecordOfStrings(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((item) => typeof item === 'string')
  );
}

/** Judges the bytes of a manifest; what it returns instead of a manifest says what is wrong with them. */
export function parseManifest(text: string): Manifest | string {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    return `it is not JSON (${(error as Error).message})`;
  }
  if (typeof found !== 'object' || found === null) return 'it is not an object';
  const {
    format,
    layout,
    directoryIndex,
    pageFile,
    trailingSlash,
    contentType,
    types,
    cacheControl,
    fidelity = 'loose',
  } = found as Record<string, unknown>;
  if (format !== FORMAT) return `its format is ${JSON.stringify(format)}, this version reads ${FORMAT}`;
  if (!isLayoutName(layout)) return `its layout is ${JSON.stringify(layout)}`;
  if (trailingSlash !== 'always' && trailingSlash !== 'never')
    return `its trailingSlash is ${JSON.stringify(trailingSlash)}`;
  if (fidelity !== 'loose' && fidelity !== 'strict') return `its fidelity is ${JSON.stringify(fidelity)}`;
  if (typeof directoryIndex !== 'string' || typeof pageFile !== 'string' || typeof contentType !== 'string')
    return 'directoryIndex, pageFile or contentType is not a string';
  if (!isRecordOfStrings(types) || !isRecordOfStrings(cacheControl))
    return 'types or cacheControl is not an object of strings';
  if (
    [contentType, ...Object.values(types), ...Object.values(cacheControl)].some(
      (value) => !PRINTABLE.test(value),
    )
  )
    return 'contentType, types or cacheControl has a character that no field of a response has';
  const fault = faultOfNaming({ directoryIndex, pageFile });
  if (fault !== undefined) return fault;
  return {
    format,
    layout,
    directoryIndex,
    pageFile,
    trailingSlash,
    contentType,
    types,
    cacheControl,
    fidelity,
  };
}

/** Reads the manifest; `undefined` when there is none. */
export function readManifest(tree: TreePaths): Manifest | undefined {
  let text: string;
  try {
    text = fs.readFileSync(tree.manifestFile, 'utf8');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const [fault, hint] = isForbidden(error)
      ? ([
          'ERR_PAGETREE_CACHE_DIR',
          'Run this as the user that the tree belongs to, or let this user read it.',
        ] as const)
      : (['ERR_PAGETREE_MANIFEST', undefined] as const);
    throw new PagetreeError(fault, `cacheDir: ${tree.manifestFile} cannot be read (${code}).`, {
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  const manifest = parseManifest(text);
  if (typeof manifest === 'string') {
    throw new PagetreeError('ERR_PAGETREE_MANIFEST', `${tree.manifestFile} cannot be used: ${manifest}.`);
  }
  return manifest;
}

/**
 * Makes a file that nobody sees unfinished and that is never made twice: written under another name, then
 * linked. Where the file system has no links, a plain exclusive create has to do.
 */
export function writeOnce(tree: TreePaths, path: string, content: string, mode: number): void {
  const temporary = `${tree.internal}/new.${randomBytes(6).toString('hex')}`;
  const fd = fs.openSync(temporary, 'wx', mode);
  try {
    fs.writeSync(fd, content);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  try {
    fs.linkSync(temporary, path);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'EEXIST') {
      if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
      fs.renameSync(temporary, path);
      return;
    }
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}
