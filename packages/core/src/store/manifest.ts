/**
 * The manifest: what every tool must agree on about a tree. Whoever opens a tree first writes it, everyone
 * later reads it, and an option that contradicts it is an error.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { PagetreeError } from '../errors.ts';
import { faultOfNaming } from '../key/naming.ts';
import type { TreeOptions } from '../options.ts';
import { codeOf, isForbidden } from './io.ts';
import type { TreePaths } from './tree.ts';

/** The version of the disk format. */
export const FORMAT = 1;

/** The content of `.pagetree/tree.json`. */
export interface Manifest extends Required<TreeOptions> {
  readonly format: typeof FORMAT;
}

/** What may stand in the value of a field (RFC 9110, 5.5), without the octets that have no meaning. */
const PRINTABLE = /^[\t\x20-\x7e]+$/;

const indexNames = { mirror: '__index.html', html: 'index.html', index: 'index.html' } as const;

/** The manifest of a new tree. */
export function manifestFrom(options: TreeOptions): Manifest {
  const layout = options.layout ?? 'mirror';
  return {
    format: FORMAT,
    layout,
    directoryIndex: options.directoryIndex ?? indexNames[layout],
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
 * @throws PagetreeError ERR_PAGETREE_MANIFEST_MISMATCH that names both values.
 */
export function reconcile(stored: Manifest, options: TreeOptions, path: string): Manifest {
  for (const [name, wanted] of Object.entries(options)) {
    const kept = stored[name as keyof TreeOptions];
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
  if (layout !== 'mirror' && layout !== 'html' && layout !== 'index')
    return `its layout is ${JSON.stringify(layout)}`;
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
