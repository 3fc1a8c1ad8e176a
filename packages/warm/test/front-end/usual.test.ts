/** A request that looks like most is one that core would look up: the short way never says yes where the long one says no. */
import { parseTarget, placeOf } from '@pagetree/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layouts } from '../../../core/src/key/layouts/all.ts';
import { compileRequestPolicy } from '../../../core/src/policy/decide.ts';
import { manifestFrom } from '../../../core/src/store/manifest.ts';
import { forms } from '../../src/front-end/lookups.ts';
import { modelOf } from '../../src/front-end/model.ts';
import { usualRequests } from '../../src/front-end/usual.ts';

const policy = compileRequestPolicy();

/** A pattern of PCRE for this engine: without possession, which only takes time away, and without a switch of case in the middle. */
function expression(pattern: string): RegExp {
  const cased = pattern.replace(/\(\?i:([^)]*)\)/g, (_, names: string) =>
    names.replace(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`),
  );
  return new RegExp(cased.replace(/([+*?}])\+/g, '$1'));
}

const segment = fc.constantFrom(
  ...[
    'a',
    'Blog',
    '~x',
    '-',
    '__index',
    '__page',
    'INDEX',
    'Page',
    'a.css',
    'a.b.css',
    '__index.html',
    'x.html',
  ],
  ...[
    'x.php',
    'x.gz',
    '.well-known',
    '.pagetree',
    'CACHEDIR.TAG',
    '',
    '..',
    '%41',
    '%20',
    'a|b',
    'x'.repeat(200),
  ],
  ...['x'.repeat(250), 'a.json', 'index', 'a.js.br'],
);
const target = fc
  .tuple(fc.array(segment, { maxLength: 3 }), fc.constantFrom('', '/', '?', '?a'))
  .map(([segments, end]) => `/${segments.join('/')}${end}`);

interface Fields {
  readonly method?: string;
  readonly host?: string;
  readonly connection?: string;
  readonly accept?: string;
  readonly encoding?: string;
}

/** What else a request may say: one thing at a time. */
const fields = fc.constantFrom<Fields>(
  {},
  ...['HEAD', 'POST', 'get'].map((method) => ({ method })),
  ...['a.test:8080', '[::1]', 'a b', 'a/b', '.x', 'site.test|', 'a.test:', ''].map((host) => ({ host })),
  ...['close', 'keep-alive', 'close, x', 'upgrade'].map((connection) => ({ connection })),
  ...[
    ...[
      '*/*',
      'text/html',
      'text/html,*/*;q=0.8',
      'text/html;q=0,*/*',
      '*/*;q=0',
      'image/avif,image/webp,*/*',
    ],
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
  ].map((accept) => ({ accept })),
  ...['gzip', 'gzip, deflate, br, zstd', 'br;q=0.5', 'gzip,,br', '*'].map((encoding) => ({ encoding })),
);

test.each([
  ['mirror', {}],
  ['mirror', { directoryIndex: 'INDEX', pageFile: 'page' }],
  ['mirror', { directoryIndex: 'i.css', pageFile: 'p.json' }],
  ['html', {}],
  ['index', {}],
  ['index', { trailingSlash: 'never' }],
] as const)('layout %s %j', (layout, names) => {
  const manifest = manifestFrom({ layout, ...names });
  const upstream = { kind: 'tcp', host: '127.0.0.1', port: 3000 } as const;
  const rules = {
    cookies: 'bypass',
    ignoreCookies: [],
    hosts: undefined,
    cachePaths: ['/'],
    excludePaths: [],
  } as const;
  const model = modelOf({
    root: '/t',
    manifest,
    rules,
    upstream,
    serverNames: [],
    listen: undefined,
    command: '',
  });
  const known = usualRequests(model, '11').map(([form, pattern]) => [form, expression(pattern)] as const);
  const naming = { ...manifest, layout: layouts[layout], maxPath: 4000, windows: false };
  let usual = 0;
  fc.assert(
    fc.property(target, fields, (asked, said) => {
      const { method = 'GET', host = 'site.test', connection = '', accept = '', encoding = '' } = said;
      const line = `${method} ${asked} HTTP/1.1|${host}|${connection}|${accept}|${encoding}|`;
      expect(
        known.some(([, pattern]) => pattern.test(`${line}1`)),
        line,
      ).toBe(false);
      for (const [form, pattern] of known) {
        if (!pattern.test(`${line}11`)) continue;
        usual += 1;
        expect(asked, line).toMatch(new RegExp(forms[form]));
        const parsed = parseTarget(asked);
        // What a layout has no place for has no file in the configuration either.
        const isLaidOut = model.lookups.some((lookup) => new RegExp(forms[lookup.form]).test(asked));
        if (isLaidOut) expect(parsed.kind === 'target' && placeOf(parsed, naming).kind, line).toBe('place');
        const headers = { host, ...(connection && { connection }), ...(accept && { accept }) };
        expect(policy({ method, target: asked, headers }, asked, 'text/html'), line).toBeUndefined();
      }
    }),
    { numRuns: 5000, seed: 7 },
  );
  expect(usual).toBeGreaterThan(100);
});
