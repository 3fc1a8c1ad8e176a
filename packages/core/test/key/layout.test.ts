import { describe, expect, test } from 'vitest';
import type { Layout, Naming, Target } from '../../src/contracts.ts';
import { layouts } from '../../src/key/layouts/all.ts';
import { guarded } from '../../src/key/layouts/own.ts';
import { placeOf, targetOf } from '../../src/key/place.ts';
import { parseTarget } from '../../src/key/target.ts';
import { checkLayout } from '../../src/testing.ts';

const { mirror, html, index } = layouts;

describe('the layouts keep their promises', () => {
  test.each(Object.entries(layouts))('%s', (name, layout) => {
    expect(layout.name).toBe(name);
    for (const trailingSlash of ['always', 'never'] as const) {
      for (const names of [
        {},
        { directoryIndex: 'home', pageFile: 'self' },
        { directoryIndex: 'a.html', pageFile: 'a' },
      ]) {
        const { places, targets } = checkLayout(layout, { naming: { trailingSlash, ...names }, runs: 5000 });
        expect(places).toBeGreaterThan(1000);
        expect(targets).toBeGreaterThan(places);
      }
    }
  });

  test('on Windows too', () => {
    for (const layout of Object.values(layouts))
      checkLayout(layout, { naming: { windows: true }, runs: 5000, seed: 7 });
  });
});

describe('checkLayout finds what is wrong with a layout', () => {
  const broken: Record<string, [layout: Layout, message: RegExp]> = {
    'two keys on one place': [
      {
        ...html,
        place: (segments, slash, naming) =>
          slash
            ? html.place(segments, slash, naming)
            : { path: `${segments.join('/').replace(/\.html$/, '')}.html` },
      },
      /is the place of .* too|leads back to/,
    ],
    'a page for /index beside the one for /': [
      {
        ...index,
        place: (segments, slash) => ({
          path: slash ? [...segments, 'index.html'].join('/') : `${segments.join('/')}.html`,
        }),
        target: html.target,
      },
      /too|leads back/,
    ],
    'a flat tree that joins names': [
      { ...mirror, place: (segments, slash) => ({ path: `p${segments.join('-')}${slash ? '_' : ''}` }) },
      /too|leads back/,
    ],
    'outside the tree': [
      { ...mirror, place: (segments) => ({ path: `../${segments.join('/')}` }) },
      /not a plain relative path/,
    ],
    'an absolute place': [
      { ...mirror, place: (segments) => ({ path: `/${segments.join('/')}` }) },
      /not a plain relative path/,
    ],
    'a backslash': [
      {
        ...mirror,
        place: (segments, slash) => ({ path: `p${segments.join('/')}${slash ? '\\' : ''}` }),
        target: (path) => ({ segments: path.slice(1).split('/'), slash: false }),
      },
      /has a backslash/,
    ],
    "the tree's own folder": [
      { ...mirror, place: (segments) => ({ path: `.pagetree/${segments.join('-')}` }) },
      /keeps for itself/,
    ],
    "the tree's own file": [{ ...mirror, place: () => ({ path: 'CACHEDIR.TAG' }) }, /keeps for itself/],
    "a variant's name": [
      { ...mirror, place: (segments) => ({ path: `p${segments.join('-')}.gz` }) },
      /suffix/,
    ],
    'a name that is too long': [
      { ...mirror, place: (segments) => ({ path: `${'x'.repeat(246)}x/${segments.join('-')}y` }) },
      /too long/,
    ],
    'a name that a web server runs': [
      { ...mirror, place: (segments) => ({ path: `p${segments.join('-')}.php` }) },
      /may execute/,
    ],
    'a script of old': [
      { ...mirror, place: (segments) => ({ path: `p${segments.join('-')}.CGI/page` }) },
      /may execute/,
    ],
    "the folder of somebody else's history": [
      { ...mirror, place: (segments) => ({ path: `.git/${segments.join('-')}` }) },
      /starts with a dot/,
    ],
    'a control character': [
      { ...mirror, place: (segments) => ({ path: `p${segments.join('-')}\n` }) },
      /control character/,
    ],
    'a name that Windows lowers': [
      { ...mirror, place: (segments) => ({ path: `p/${segments.join('-')}.Gz` }) },
      /suffix/,
    ],
    'no way back': [{ ...mirror, target: () => undefined }, /leads back to no key/],
    'a wrong way back': [{ ...mirror, target: () => ({ segments: [], slash: true }) }, /leads back to/],
    'a second form elsewhere': [
      {
        ...mirror,
        place: (segments, slash) => ({
          path: `p${segments.join('/')}${slash ? '/i' : ''}`,
          inFolder: `q${segments.join('/')}${slash ? '/i' : ''}`,
        }),
      },
      /leads back|is not below/,
    ],
    'a place below another file': [
      {
        ...mirror,
        place: (segments, slash, naming) =>
          slash
            ? mirror.place(segments, slash, naming)
            : { path: segments.join('/'), inFolder: `other/${segments.join('/')}` },
      },
      /is not below/,
    ],
  };

  test.each(Object.entries(broken))('%s', (_, [one, message]) => {
    const layout = { ...one, name: 'mine' };
    expect(() => checkLayout(layout, { runs: 2000 })).toThrowError(message);
    expect(() => checkLayout(layout, { runs: 2000 })).toThrowError(/^Layout \w+: the place "/);
  });

  test('an answer that changes', () => {
    let calls = 0;
    const moody: Layout = {
      ...mirror,
      name: 'moody',
      place: (segments) => {
        calls += 1;
        return { path: `${segments.join('/')}${calls}` };
      },
    };
    expect(() => checkLayout(moody)).toThrowError(/not the same/);
  });

  test('a place that is none, and a reason that is none', () => {
    const answering = (answer: unknown): Layout => ({
      ...mirror,
      name: 'mine',
      place: () => answer as ReturnType<Layout['place']>,
    });
    expect(() => checkLayout(answering(undefined))).toThrowError(
      /^Layout mine: \/\S* has neither a place nor a reason/,
    );
    expect(() => checkLayout(answering('nope'))).toThrowError(/refused with "nope", which is no reason/);
    expect(() => checkLayout(answering({}))).toThrowError(/has neither/);
    expect(() => checkLayout({ ...mirror, name: 'mine', place: () => 'no-place' })).not.toThrow();
  });

  test('a name that Windows takes for another one', () => {
    const layout: Layout = {
      ...mirror,
      name: 'mine',
      place: (segments) => ({ path: `p/${segments.join('-')}:` }),
    };
    expect(() => checkLayout(layout, { naming: { windows: true } })).toThrowError(/Windows cannot have/);
  });

  test('a layout that the option would refuse', () => {
    expect(() => checkLayout({ ...mirror })).toThrowError(/a name of its own .* but got "mirror"/);
    expect(() => checkLayout({ ...mirror, name: 'My Layout' })).toThrowError(/but got "My Layout"/);
    const none = undefined as unknown as Layout['target'];
    expect(() => checkLayout({ ...mirror, name: 'mine', target: none })).toThrowError(/function target/);
  });
});

describe('a layout of somebody else in use', () => {
  const naming: Naming = {
    layout: mirror,
    directoryIndex: '__index.html',
    pageFile: '__page.html',
    trailingSlash: 'always',
    maxPath: 2000,
  };
  const placed = (layout: Partial<Layout>, path = '/a/b'): unknown => {
    const whole = guarded({ ...mirror, name: 'mine', ...layout });
    const place = placeOf(parseTarget(path) as Target, { ...naming, layout: whole });
    return place.kind === 'place' ? place.path : place.reason;
  };

  test('gives the places that lead back', () => {
    expect(placed({})).toBe('a/b');
    expect(placed({}, '/a/')).toBe('a/__index.html');
    expect(placed({ place: () => 'trailing-slash' })).toBe('trailing-slash');
    expect(targetOf('a/__page.html', { ...naming, layout: guarded({ ...mirror, name: 'mine' }) })).toBe('/a');
  });

  test.each<[string, Partial<Layout>]>([
    [
      'leaves the tree',
      { place: () => ({ path: '../a/b' }), target: () => ({ segments: ['a', 'b'], slash: false }) },
    ],
    ['is the place of another path', { place: () => ({ path: 'x' }) }],
    ['leads back to a longer path', { target: () => ({ segments: ['a', 'b', 'c'], slash: false }) }],
    ['leads back to the other form', { target: () => ({ segments: ['a', 'b'], slash: true }) }],
    ['leads nowhere', { target: () => undefined }],
    ['leads to no path', { target: () => ({ segments: [1, 2], slash: false }) as never }],
    ['leads to no list', { target: () => ({ segments: 'ab', slash: false }) as never }],
    [
      'has a second form elsewhere',
      { place: (segments) => ({ path: segments.join('/'), inFolder: 'z/__page.html' }) },
    ],
    [
      'has a second form that is not below',
      {
        place: (segments) => ({ path: segments.join('/'), inFolder: `q/${segments.join('/')}` }),
        target: () => ({ segments: ['a', 'b'], slash: false }),
      },
    ],
    ['is no answer', { place: () => undefined as never }],
    ['is no reason', { place: () => 'nope' as never }],
    [
      'changes what it was given',
      {
        place: (segments) => {
          (segments as string[]).pop();
          return { path: segments.join('/') };
        },
      },
    ],
    [
      'throws',
      {
        place: () => {
          throw new Error('a mistake');
        },
      },
    ],
    [
      'throws on the way back',
      {
        target: () => {
          throw new Error('a mistake');
        },
      },
    ],
  ])('has no place for a path whose place %s', (_, layout) => {
    expect(placed(layout)).toBe('no-place');
  });
});
