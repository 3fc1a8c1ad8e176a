import { resolve, sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Layout, Place } from '../../src/contracts.ts';
import { folderOf, placeOf, targetOf } from '../../src/key/place.ts';
import { spell } from '../../src/key/spelling.ts';
import { parseTarget } from '../../src/key/target.ts';
import { nginxPath } from './nginx.ts';
import { anything, grammar, namingOf, namings, patience, runs } from './targets.ts';

const root = resolve('/srv/cache');

/** The segments of a path below the root, as the file system resolves it; `undefined` outside of it. */
function segmentsBelow(path: string): string[] | undefined {
  const found = resolve(root, path).split(sep);
  const above = root.split(sep);
  return above.every((name, at) => found[at] === name) ? found.slice(above.length) : undefined;
}

function checkPath(path: string, { key }: Place, owners: Map<string, string>, maxPath: number): void {
  const names = path.split('/');
  if (JSON.stringify(segmentsBelow(path)) !== JSON.stringify(names))
    throw new Error(`${path} resolves otherwise`);
  if (names[0] === '.pagetree' || path === 'CACHEDIR.TAG') throw new Error(`${path} is the tree's own`);
  if (/\.(gz|br|zst|pagetree)$/.test(path)) throw new Error(`${path} is a variant's or a meta's name`);
  if (names.some((name) => Buffer.byteLength(`${name}.pagetree`) > 255))
    throw new Error(`${path}: name too long`);
  if (Buffer.byteLength(`.pagetree/private/meta/${path}/.page.pagetree`) > maxPath)
    throw new Error(`${path}: path too long`);
  const owner = owners.get(path);
  if (owner !== undefined && owner !== key) throw new Error(`${path} is the place of ${owner} too`);
  owners.set(path, key);
}

describe.each(Object.entries(namings))('%s', (_, naming) => {
  test('no place is outside the tree, no two keys share one, and each leads back to its key', {
    timeout: patience,
  }, () => {
    const owners = new Map<string, string>();
    let places = 0;
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: grammar }, { weight: 1, arbitrary: anything }), (text) => {
        const target = parseTarget(text);
        if (target.kind === 'bypass') return;
        const place = placeOf(target, naming);
        if (JSON.stringify(place) !== JSON.stringify(placeOf(target, naming)))
          throw new Error('not deterministic');
        if (place.kind === 'bypass') return;
        places += 1;
        for (const path of [place.path, place.inFolder]) {
          if (path === undefined) continue;
          checkPath(path, place, owners, naming.maxPath);
          const back = targetOf(path, naming);
          if (back !== text) throw new Error(`${path} leads back to ${back}`);
        }
        if (spell(text) !== text) throw new Error(`is spelt ${spell(text)}`);
        // What nginx looks up for this target is the place but for what the layout appends.
        const looked = String(nginxPath(text)).slice(1);
        if (!place.path.startsWith(looked)) throw new Error(`nginx looks up ${looked}`);
      }),
      { numRuns: runs / 4 },
    );
    expect(places).toBeGreaterThan(runs / 40);
    expect(owners.size).toBeGreaterThan(runs / 100);
  });

  test('a path of the tree that no target leads to has no key', () => {
    const strange = [
      '',
      '/',
      '.',
      '..',
      '../x',
      '/etc/passwd',
      'a/',
      '/a',
      'a//b',
      'a/../b',
      '.pagetree/tree.json',
      '.git',
    ];
    const files = [
      'CACHEDIR.TAG',
      'a.gz',
      'a/__page.html.pagetree',
      'a\\b',
      'a\0',
      'a\nb',
      'caf\uFFFD',
      '\ud800',
      'a%41',
    ];
    const own = [`${naming.directoryIndex}/${naming.directoryIndex}`, `a/${naming.pageFile}/b`, 'a.php'];
    for (const path of [...strange, ...files, ...own, 'x'.repeat(247), `a/${'b/'.repeat(600)}c`]) {
      expect(targetOf(path, naming), path).toBeUndefined();
    }
  });

  test('whatever path: its key, if it has one, has that place', () => {
    const name = fc.oneof(
      fc.constantFrom('a', 'index.html', '__index.html', '__page.html', 'a.html', 'a.css', '..', 'é', '%41'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(name, { maxLength: 4 }), (names) => {
        const path = names.join('/');
        const key = targetOf(path, naming);
        if (key === undefined) return;
        const target = parseTarget(key);
        const place = target.kind === 'target' ? placeOf(target, naming) : target;
        expect(place.kind === 'place' && [place.path, place.inFolder]).toContain(path);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('what belongs to other layouts has no key', () => {
  test.each([
    ['html', 'foo'],
    ['html', 'foo.css.html'],
    ['html', 'foo/__page.html.html'],
    ['index', 'foo'],
    ['index', 'foo/bar'],
  ] as const)('%s: %s', (layout, path) => {
    expect(targetOf(path, namingOf(layout))).toBeUndefined();
  });

  test('index: the root is the index whatever trailingSlash says', () => {
    for (const trailingSlash of ['always', 'never'] as const) {
      expect(targetOf('index.html', namingOf('index', { trailingSlash }))).toBe('/');
    }
  });
});

describe('a layout that is wrong about its own places', () => {
  test('it cannot make targetOf lie', () => {
    const liar: Layout = {
      ...namingOf('mirror').layout,
      target: () => ({ segments: ['other'], slash: false }),
    };
    expect(targetOf('foo', { ...namingOf('mirror'), layout: liar })).toBeUndefined();
    const none: Layout = { ...liar, target: () => undefined };
    expect(targetOf('foo', { ...namingOf('mirror'), layout: none })).toBeUndefined();
  });
});

describe('folderOf', () => {
  const naming = namingOf('mirror');

  test.each([
    ['/', ''],
    ['/blog', 'blog'],
    ['/blog/', 'blog'],
    ['/caf%C3%A9/a%20b/', 'café/a b'],
    ['/.pagetree/', undefined],
    ['/.pagetree', undefined],
    ['/.PAGETREE/meta/', undefined],
    ['/CACHEDIR.TAG', undefined],
    ['/a/../b/', undefined],
    ['blog', undefined],
  ])('%s is %s', (key, folder) => {
    expect(folderOf(key, naming)).toBe(folder);
  });
});
