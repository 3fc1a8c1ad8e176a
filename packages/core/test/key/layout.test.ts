import { describe, expect, test } from 'vitest';
import type { Layout } from '../../src/contracts.ts';
import { layouts } from '../../src/key/layouts/all.ts';
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

  test.each(Object.entries(broken))('%s', (_, [layout, message]) => {
    expect(() => checkLayout(layout, { runs: 2000 })).toThrowError(message);
    expect(() => checkLayout(layout, { runs: 2000 })).toThrowError(/^Layout \w+: the place "/);
  });

  test('an answer that changes', () => {
    let calls = 0;
    const moody: Layout = {
      ...mirror,
      place: (segments) => {
        calls += 1;
        return { path: `${segments.join('/')}${calls}` };
      },
    };
    expect(() => checkLayout(moody)).toThrowError(/not the same/);
  });
});
