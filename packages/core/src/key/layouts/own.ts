/**
 * Layouts that somebody else wrote. What the built-in ones prove in tests is asked of these each time: a place that is not
 * inside the tree, or does not lead back to its path, is none. So no two keys ever share a file, whatever the layout does.
 */
import type { Layout, Naming, PlacePaths } from '../../contracts.ts';
import { reasons } from '../../policy/reasons.ts';
import { faultOfPlaceNames } from '../names.ts';
import { layouts } from './all.ts';

const NAME = /^[a-z][a-z0-9-]{0,63}$/;

const reasonNames: ReadonlySet<unknown> = new Set(reasons.map(({ name }) => name));

/** Whether a name is that of a built-in layout. */
export function isBuiltIn(name: unknown): name is keyof typeof layouts {
  return typeof name === 'string' && Object.hasOwn(layouts, name);
}

/** Whether the manifest of a tree may have this name for a layout. */
export function isLayoutName(name: unknown): name is string {
  return typeof name === 'string' && NAME.test(name);
}

/** What was expected of a value that should be a layout, and what came; `undefined` when it is one. */
export function faultOfLayout(
  value: object,
): { readonly expected: string; readonly came: unknown } | undefined {
  const { name, directoryIndex, place, target } = value as { readonly [Part in keyof Layout]?: unknown };
  if (!isLayoutName(name))
    return { expected: 'a layout whose name has lower-case letters, digits and - (at most 64)', came: name };
  if (isBuiltIn(name))
    return { expected: 'a layout with a name of its own (mirror, html and index are built in)', came: name };
  if (typeof directoryIndex !== 'string')
    return { expected: 'a layout with a directoryIndex, the name of a file', came: directoryIndex };
  for (const [what, part] of Object.entries({ place, target })) {
    if (typeof part !== 'function') return { expected: `a layout with a function ${what}`, came: part };
  }
  return undefined;
}

/** What is wrong with a place as a path inside the tree; `undefined` when a page may be there. */
export function faultOfPath(path: string, naming: Naming): string | undefined {
  const names = path.split('/');
  if (names.some((name) => name === '' || name === '.' || name === '..'))
    return 'is not a plain relative path';
  if (/[\\\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069\ufffd]/u.test(path))
    return 'has a backslash, or a character that no name in the tree has (a control character, half a surrogate pair)';
  if (names[0]!.toLowerCase() === '.pagetree') return 'is in the folder that the tree keeps for itself';
  const fault = faultOfPlaceNames(names.map(withoutAppended), naming);
  switch (fault) {
    case 'hidden-segment':
      return 'has a name that starts with a dot, which no web server sends';
    case 'reserved-name':
      return 'has a name that the tree keeps for itself, or ends in a suffix that it appends';
    case 'executable-name':
      return 'has a name that a web server may execute';
    case 'windows-name':
      return 'has a name that Windows cannot have';
    default:
      return fault === undefined ? undefined : 'has a name that is too long';
  }
}

/**
 * A layout may append to any segment: to `.well-known`, and to one of invisible characters alone, whose folded name would begin
 * with the dot of what was appended.
 */
function withoutAppended(name: string, at: number): string {
  if (at === 0 && name.startsWith('.well-known.')) return name.slice(1);
  return name.replace(/^\p{Default_Ignorable_Code_Point}+/u, 'x');
}

/** What is wrong with what a layout answers; `undefined` when it is a place or a reason. */
export function faultOfAnswer(answer: unknown): string | undefined {
  if (typeof answer === 'string')
    return reasonNames.has(answer)
      ? undefined
      : `is refused with ${JSON.stringify(answer)}, which is no reason`;
  const { path, inFolder = '' } = (answer ?? {}) as { readonly path?: unknown; readonly inFolder?: unknown };
  return typeof path === 'string' && typeof inFolder === 'string'
    ? undefined
    : 'has neither a place nor a reason';
}

/** A layout of somebody else, with every answer looked at before it counts. Nothing that it does throws. */
export function guarded(layout: Layout): Layout {
  const { name, directoryIndex } = layout;
  const target: Layout['target'] = (path, naming) => {
    try {
      const parts = layout.target(path, naming);
      if (parts === undefined || !Array.isArray(parts.segments) || typeof parts.slash !== 'boolean')
        return undefined;
      const segments: readonly unknown[] = parts.segments;
      return segments.every((segment) => typeof segment === 'string') ? parts : undefined;
    } catch {
      return undefined;
    }
  };
  const leadsBack = (path: string, segments: readonly string[], slash: boolean, naming: Naming): boolean => {
    const back = target(path, naming);
    return (
      back?.slash === slash &&
      back.segments.length === segments.length &&
      back.segments.every((segment, at) => segment === segments[at])
    );
  };
  const place: Layout['place'] = (segments, slash, naming) => {
    try {
      const answer = layout.place([...segments], slash, naming);
      if (faultOfAnswer(answer) !== undefined) return 'no-place';
      if (typeof answer === 'string') return answer;
      const { path, inFolder } = answer;
      const isUsable = [path, ...(inFolder === undefined ? [] : [inFolder])].every(
        (one) => faultOfPath(one, naming) === undefined && leadsBack(one, segments, slash, naming),
      );
      const isBelow = inFolder === undefined || inFolder.startsWith(`${path}/`);
      return isUsable && isBelow ? asPlace(path, inFolder) : 'no-place';
    } catch {
      return 'no-place';
    }
  };
  return { name, directoryIndex, place, target };
}

function asPlace(path: string, inFolder: string | undefined): PlacePaths {
  return inFolder === undefined ? { path } : { path, inFolder };
}
