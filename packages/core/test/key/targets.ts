/** Makes targets: good ones from the grammar, and odd ones from those. */
import fc from 'fast-check';
import type { Naming } from '../../src/contracts.ts';
import { layouts } from '../../src/key/layouts/all.ts';
import { LONG } from '../support/long.ts';

/** How often a property is tried: `PAGETREE_LONG=1` makes it ten times as many. */
export const runs = LONG ? 1_000_000 : 100_000;

/** How long a property may take, in milliseconds. */
export const patience = runs / 5;

/** A naming with the defaults of a layout. */
export function namingOf(layout: keyof typeof layouts, rest: Partial<Naming> = {}): Naming {
  return {
    layout: layouts[layout],
    directoryIndex: layouts[layout].directoryIndex,
    pageFile: '__page.html',
    trailingSlash: 'always',
    maxPath: 1000,
    ...rest,
  };
}

/** Every naming that a property has to hold for. */
export const namings: Readonly<Record<string, Naming>> = {
  mirror: namingOf('mirror'),
  html: namingOf('html'),
  'index always': namingOf('index'),
  'index never': namingOf('index', { trailingSlash: 'never' }),
};

const words = [
  'a',
  'b',
  'A',
  'foo',
  'index',
  'index.html',
  '__index.html',
  '__page.html',
  '__page',
  'a.html',
  'a.css',
  'html',
];
const odd = [
  '.well-known',
  '.git',
  'a.gz',
  'a.php',
  'CACHEDIR.TAG',
  '.pagetree',
  'tree.json',
  'meta',
  'con',
  'a.',
  '...',
  '..',
  '.',
];
const escapes = [
  '%20',
  '%25',
  '%3F',
  '%23',
  '%C3%A9',
  'e%CC%81',
  '%E6%97%A5',
  '%F0%9F%98%80',
  '%22',
  '%25zz',
  '%E2%80%8D',
];

const pchar = fc.constantFrom(..."abcXYZ019-._~!$&'()*+,;=:@");
const segment = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...words) },
  { weight: 2, arbitrary: fc.constantFrom(...odd) },
  {
    weight: 3,
    arbitrary: fc.string({
      unit: fc.oneof(pchar, pchar, fc.constantFrom(...escapes)),
      minLength: 1,
      maxLength: 6,
    }),
  },
);

/** Mostly targets that are accepted; many differ in little. */
export const grammar = fc
  .tuple(fc.array(segment, { maxLength: 4 }), fc.boolean())
  .map(([segments, slash]) => (segments.length === 0 ? '/' : `/${segments.join('/')}${slash ? '/' : ''}`));

const bites = [
  ...[
    '%',
    '%2',
    '%2F',
    '%2f',
    '%5C',
    '\\',
    '%2e',
    '%2E',
    '.',
    '..',
    '/',
    '//',
    '?',
    '#',
    '%00',
    '\0',
    '\n',
    ' ',
    '"',
    '<',
    '[',
  ],
  ...[
    '%25',
    '%2541',
    '%25%34',
    '%41',
    '%c3%a9',
    '%C3',
    '%A9',
    '%C0%AF',
    '%ED%A0%80',
    '%F4%90%80%80',
    '%EF%BF%BD',
    '%FF',
    '%C2%85',
  ],
  ...[
    '%E2%80%AE',
    '\u00e9',
    '\u0085',
    '\ud800',
    '\u{1F600}',
    '%u002e',
    ';',
    ':',
    '%3B',
    '%7E',
    '%zz',
    '/../',
    '/./',
    '..%2f',
    'x'.repeat(260),
  ],
];

/** A grammatical target with up to three bites taken out of it or put into it. */
const mutated = fc
  .tuple(
    grammar,
    fc.array(fc.tuple(fc.nat(60), fc.nat(3), fc.constantFrom(...bites)), { minLength: 1, maxLength: 3 }),
  )
  .map(([target, bitten]) =>
    bitten.reduce((text, [at, cut, bite]) => {
      const position = at % (text.length + 1);
      return text.slice(0, position) + bite + text.slice(position + cut);
    }, target),
  );

const octets = fc
  .array(fc.nat(255), { maxLength: 12 })
  .map(
    (values) => `/${values.map((value) => `%${value.toString(16).padStart(2, '0').toUpperCase()}`).join('')}`,
  );

/** Anything that may come. */
export const anything = fc.oneof(
  { weight: 6, arbitrary: mutated },
  { weight: 3, arbitrary: grammar },
  { weight: 1, arbitrary: octets },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }).map((text) => `/${text}`) },
);
