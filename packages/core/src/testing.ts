/**
 * The proof that a layout keeps its promises, for whoever writes one. It needs no test runner: call it from a
 * test of any kind; it throws when the layout is wrong.
 */
import type { Layout, Naming, Place, Target } from './contracts.ts';
import { layouts } from './key/layouts/all.ts';
import { faultOfAnswer, faultOfLayout, faultOfPath, isBuiltIn } from './key/layouts/own.ts';
import { faultOfNames } from './key/names.ts';
import { placeOf, targetOf } from './key/place.ts';
import { spell } from './key/spelling.ts';
import { parseTarget } from './key/target.ts';

/** How to check a layout. */
export interface CheckLayoutOptions {
  /** What the layout is checked with, beyond the defaults. */
  readonly naming?: Partial<Omit<Naming, 'layout'>>;
  /** How many random targets are tried, after all the short ones. @default 20000 */
  readonly runs?: number;
  /** The same seed makes the same targets. @default 1 */
  readonly seed?: number;
}

/** What was checked: of the targets that were tried, so many have a place. */
export interface LayoutReport {
  readonly targets: number;
  readonly places: number;
}

/** Pieces of names that layouts trip over. */
const pieces = [
  ...[
    'a',
    'b',
    'A',
    'foo',
    'index',
    'page',
    'html',
    '__index',
    '__page',
    'con',
    '0',
    'x y',
    '%',
    '%zz',
    '?',
    '#',
  ],
  ...[
    '.',
    '..',
    '.html',
    '.HTML',
    '.htm',
    '.css',
    '.tar',
    '.txt.',
    '-',
    '_',
    '~',
    ':',
    ';v=1',
    '+',
    '&',
    '"',
    '<',
  ],
  ...['é', 'e\u0301', 'ß', 'İ', '日本', '\u{1F600}', '\u200D', '．', 'ﬁ', 'x'.repeat(80)],
];

/** Paths that no layout gives to a page. `target` must live with them: a walk asks for every file that it finds. */
const strays = [
  '',
  '.',
  '..',
  '/',
  '/a',
  'a/',
  'a//b',
  '../a',
  'a/../b',
  '.pagetree/tree.json',
  'a\\b',
  'a\0',
  '\ud800',
];

/** A small random generator (mulberry32): the same numbers on every machine. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Every path of up to three of the names that layouts and trees use themselves, then random ones. */
function* makePaths(naming: Naming, runs: number, seed: number): Generator<string> {
  const names = [
    naming.directoryIndex,
    naming.pageFile,
    'index',
    'index.html',
    'a',
    'a.html',
    'a.css',
    '.well-known',
  ];
  const tricky = [
    ...names,
    naming.layout.name,
    'CACHEDIR.TAG',
    '.pagetree',
    'a.',
    'a.b.html',
    'é',
    'tree.json',
  ];
  let paths = [''];
  for (let depth = 0; depth < 3; depth += 1) {
    paths = paths.flatMap((path) => tricky.map((name) => `${path}/${name}`));
    for (const path of paths) yield* [path, `${path}/`];
  }
  yield '/';
  const random = randomFrom(seed);
  const pick = (list: readonly string[]) => list[random(list.length)]!;
  for (let run = 0; run < runs; run += 1) {
    let path = '';
    for (let depth = 1 + random(4); depth > 0; depth -= 1) {
      path += '/';
      for (let length = 1 + random(3); length > 0; length -= 1)
        path += random(4) === 0 ? pick(names) : pick(pieces);
    }
    yield random(3) === 0 ? `${path}/` : path;
  }
}

/**
 * Proves over some ten thousand targets that a layout is injective (no two keys meet on a place, in neither of
 * their forms), that its `target` is the exact inverse of its `place`, that every place is inside the tree, and that it has no
 * name that the mapping refuses: hidden, executable, or the tree's own. A layout that passes can be the option `layout`.
 *
 * @throws Error that names the counterexample.
 * @example
 * test('my layout', () => { checkLayout(mine); });
 */
export function checkLayout(layout: Layout, options: CheckLayoutOptions = {}): LayoutReport {
  if (!isBuiltIn(layout.name) || layouts[layout.name] !== layout) {
    const fault = faultOfLayout(layout);
    if (fault !== undefined)
      throw new Error(
        `Expected ${fault.expected}, but got ${JSON.stringify(fault.came) ?? typeof fault.came}.`,
      );
  }
  const naming: Naming = {
    directoryIndex: layout.directoryIndex,
    pageFile: '__page.html',
    trailingSlash: 'always',
    maxPath: 2000,
    ...options.naming,
    layout,
  };
  const fail = (key: string, place: string, what: string): never => {
    throw new Error(`Layout ${layout.name}: the place ${JSON.stringify(place)} of ${key} ${what}.`);
  };
  const owners = new Map<string, string>();
  const tried = new Set<string>();

  const checkPath = (key: string, path: string): void => {
    const fault = faultOfPath(path, naming);
    if (fault !== undefined) fail(key, path, fault);
    const owner = owners.get(path);
    if (owner !== undefined) fail(key, path, `is the place of ${owner} too`);
    owners.set(path, key);
    const back = targetOf(path, naming);
    if (back !== key) fail(key, path, back === undefined ? 'leads back to no key' : `leads back to ${back}`);
  };

  const checkAnswer = ({ key, segments, slash }: Target): void => {
    const fault = faultOfAnswer(layout.place([...segments], slash, naming));
    if (fault !== undefined) throw new Error(`Layout ${layout.name}: ${key} ${fault}.`);
  };

  for (const path of makePaths(naming, options.runs ?? 20_000, options.seed ?? 1)) {
    const key = spell(path);
    if (key === undefined || tried.has(key)) continue;
    tried.add(key);
    const target = parseTarget(key);
    if (target.kind === 'bypass' || faultOfNames(target.segments, naming) !== undefined) continue;
    checkAnswer(target);
    const place = placeIn(target, naming);
    if (place === undefined) continue;
    if (JSON.stringify(place) !== JSON.stringify(placeIn(target, naming))) {
      fail(key, place.path, 'is not the same when it is asked for again');
    }
    checkPath(key, place.path);
    if (place.inFolder === undefined) continue;
    if (!place.inFolder.startsWith(`${place.path}/`)) fail(key, place.inFolder, `is not below ${place.path}`);
    checkPath(key, place.inFolder);
  }
  for (const path of strays) {
    const key = targetOf(path, naming);
    if (key !== undefined) fail(key, path, 'is no place of a page');
  }
  return { targets: tried.size, places: new Set(owners.values()).size };
}

function placeIn(target: Target, naming: Naming): Place | undefined {
  const place = placeOf(target, naming);
  return place.kind === 'place' ? place : undefined;
}
