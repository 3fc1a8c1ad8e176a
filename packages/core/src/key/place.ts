/** From a target to its place, and back. Pure. */
import type { Bypass, Naming, Place, Target } from '../contracts.ts';
import { faultOfNames, isLongFile } from './names.ts';
import { encodePath } from './spelling.ts';
import { parseTarget } from './target.ts';

/** What is not in a key whose segments stand plain and are in lower case: its names are what they fold to. */
const changesFolded = /[%A-Z]/;

/** The most that the meta of a page has beside its place: `.pagetree/private/meta/<place>/.page.pagetree`. */
const META_BYTES = '.pagetree/private/meta/'.length + '/.page.pagetree'.length;

function isLongPath(path: string, naming: Naming): boolean {
  const room = naming.maxPath - META_BYTES;
  return path.length * 3 > room && Buffer.byteLength(path) > room;
}

/**
 * The place of a target, or the reason why it has none: first what is wrong with a name, then what the layout
 * says, then the length of the place.
 *
 * @example
 * placeOf(parseTarget('/foo/'), naming) // { kind: 'place', key: '/foo/', path: 'foo/__index.html', inFolder: undefined }
 */
export function placeOf(target: Target, naming: Naming): Place | Bypass {
  const { key, segments, slash } = target;
  const fault = faultOfNames(segments, naming, !changesFolded.test(key));
  if (fault !== undefined) return { kind: 'bypass', reason: fault };
  const paths = naming.layout.place(segments, slash, naming);
  if (typeof paths === 'string') return { kind: 'bypass', reason: paths };
  const { path, inFolder } = paths;
  if (isLongFile(path)) return { kind: 'bypass', reason: 'name-too-long' };
  if (isLongPath(inFolder ?? path, naming)) return { kind: 'bypass', reason: 'path-too-long' };
  return { kind: 'place', key, path, inFolder };
}

/**
 * The key whose page lives at a path of the tree, in either of its forms; `undefined` when no target leads there.
 * The exact inverse of `placeOf`: whatever a layout answers, the key is mapped forth again and compared.
 *
 * @param path Relative to the tree, with `/`: `foo/__index.html`.
 */
export function targetOf(path: string, naming: Naming): string | undefined {
  const parts = naming.layout.target(path, naming);
  const key = parts && encodePath(parts.segments, parts.slash);
  if (key === undefined) return undefined;
  const target = parseTarget(key);
  if (target.kind === 'bypass') return undefined;
  const place = placeOf(target, naming);
  return place.kind === 'place' && (place.path === path || place.inFolder === path) ? key : undefined;
}

/**
 * The folder of the tree, relative and without a slash at its end, that holds every page below a key: `blog` for
 * `/blog/` and for `/blog`, the empty string for `/`. `undefined` when no page can be there.
 */
export function folderOf(key: string, naming: Naming): string | undefined {
  const target = parseTarget(key);
  if (target.kind === 'bypass' || faultOfNames(target.segments, naming) !== undefined) return undefined;
  return target.segments.join('/');
}
