/** Requests for pages that are in the tree: a table of each kind, and combinations by chance. */
import fc from 'fast-check';

/** One request. In its fields `ETAG`, `GZTAG` and `DATE` stand for the validators of the page and of its gzip variant. */
export interface Asked {
  readonly page: string;
  readonly method: 'GET' | 'HEAD';
  readonly version: '1.0' | '1.1';
  readonly fields: readonly (readonly [name: string, value: string])[];
}

const words = Array.from({ length: 40_000 }, (_, at) => `<p>${(at * 7919) % 10_007}</p>`);

/** The pages by their path: small and large ones, with and without a variant, of several types. */
export const pages: Readonly<Record<string, { readonly type: string; readonly body: string }>> = {
  '/page': { type: 'text/html; charset=utf-8', body: words.slice(0, 2000).join('') },
  '/large': { type: 'text/html; charset=utf-8', body: words.join('') },
  '/tiny': { type: 'text/html; charset=utf-8', body: 'x' },
  '/style.css': { type: 'text/css; charset=utf-8', body: 'p { color: red }\n'.repeat(500) },
  '/data.json': { type: 'application/json', body: JSON.stringify(words.slice(0, 500)) },
  '/drawing.svg': { type: 'image/svg+xml', body: `<svg>${'<g/>'.repeat(500)}</svg>` },
};

const tags = [
  'ETAG',
  'W/ETAG',
  'GZTAG',
  'W/GZTAG',
  '"other"',
  'W/"other"',
  '*',
  ' * ',
  '"a", "b"',
  '"a", ETAG',
  'ETAG, "a"',
  '"a",ETAG,"b"',
  'W/"a", W/ETAG',
  '"a" , ETAG',
  '"a"ETAG',
  '"a", *',
  ',ETAG',
  ',,, ETAG',
  'ETAG,',
  'w/ETAG',
  'W/ ETAG',
  'bare',
  '"unended',
  '""',
  '',
  ',',
  '"with, comma", ETAG',
  'ETAG;q=1',
] as const;

const dates = [
  'DATE',
  'EARLIER',
  'LATER',
  'Sun, 06 Nov 1994 08:49:37 GMT',
  'Sunday, 06-Nov-94 08:49:37 GMT',
  'Sun Nov  6 08:49:37 1994',
  'Sun, 06 Nov 2994 08:49:37 GMT',
  'Sun, 31 Feb 2026 08:49:37 GMT',
  'Sun, 06 Nov 1994 08:49:37 +0000',
  'sun, 06 nov 1994 08:49:37 gmt',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'DATE; length=100',
  'yesterday',
  '0',
  '',
] as const;

const ranges = [
  'bytes=0-0',
  'bytes=0-99',
  'bytes=100-',
  'bytes=-1',
  'bytes=-500',
  'bytes=0-',
  'bytes=-0',
  'bytes=-99999999',
  'bytes=0-99999999',
  'bytes=99999999-',
  'bytes=99999999-99999999',
  'bytes=5-4',
  'bytes=',
  'bytes=-',
  'bytes=a-b',
  'bytes=1-2x',
  'bytes= 0-1',
  'bytes=0 - 1',
  'bytes =0-1',
  'Bytes=0-1',
  'lines=0-1',
  'bytes:0-1',
  '0-1',
  '',
  'bytes=0-0,2-2',
  'bytes=0-9, 20-29',
  'bytes=20-29,0-9',
  'bytes=0-9,5-14',
  'bytes=0-9,0-9',
  'bytes=0-9,99999999-',
  'bytes=99999999-,0-9',
  'bytes=99999999-,88888888-',
  'bytes=0-9,-1',
  'bytes=-1,0-9',
  'bytes=0-,0-',
  'bytes=0-,5-5',
  'bytes=0-1,,3-4',
  'bytes=,0-1',
  'bytes=0-1,',
  'bytes=0-1,5-4',
  'bytes=0-1,x',
  'bytes=1-1,3-3,5-5,7-7,9-9,11-11,13-13,15-15',
  `bytes=${Array.from({ length: 16 }, (_, at) => `${at * 2}-${at * 2}`).join(',')}`,
  `bytes=${Array.from({ length: 17 }, (_, at) => `${at * 2}-${at * 2}`).join(',')}`,
  'bytes=9223372036854775807-',
  'bytes=9223372036854775808-',
  'bytes=0-9223372036854775808',
  'bytes=18446744073709551616-18446744073709551617',
  'bytes=-18446744073709551616',
] as const;

const validators = [
  'ETAG',
  'W/ETAG',
  'GZTAG',
  '"other"',
  'DATE',
  'EARLIER',
  'LATER',
  'bare',
  '',
  '*',
  'DATE ',
] as const;

const codings = [
  'gzip',
  'GZIP',
  'x-gzip',
  'gzip, deflate, br',
  'deflate, gzip;q=0.5',
  'gzip;q=0',
  'gzip;q=0.0',
  'gzip;q=0.001',
  'gzip; q=0',
  'gzip;q=1.0',
  'gzip ; q=0.5',
  'gzip;q=2',
  'gzip;q=',
  'gzip;q=x',
  'gzip;Q=0',
  'gzip;q=0, identity',
  'identity',
  'identity;q=1, gzip;q=0.5',
  'identity;q=0',
  'identity;q=0, gzip',
  '*',
  '*;q=0',
  'gzip, *;q=0',
  '*;q=0, gzip',
  'gzip;q=0, *',
  'notgzip',
  'gzipped',
  'deflate',
  '',
  ',',
  'gzip,gzip;q=0',
  'gzip\tx',
] as const;

type Field = readonly [name: string, value: string];

/** What each field may say. */
const said: Readonly<Record<string, readonly string[]>> = {
  'If-None-Match': tags,
  'If-Match': tags,
  'If-Modified-Since': dates,
  'If-Unmodified-Since': dates,
  Range: ranges,
  'If-Range': validators,
  'Accept-Encoding': codings,
};

function plain(page: string, ...fields: readonly Field[]): Asked {
  return { page, method: 'GET', version: '1.1', fields };
}

/** Every value of every field alone, and what belongs together, for each page. */
function* systematic(): Generator<Asked> {
  for (const page of Object.keys(pages)) {
    yield plain(page);
    yield { ...plain(page), method: 'HEAD' };
    yield { ...plain(page), version: '1.0' };
  }
  for (const page of ['/page', '/large', '/tiny']) {
    for (const [name, values] of Object.entries(said)) {
      for (const value of values) {
        if (name !== 'If-Range') yield plain(page, [name, value]);
        else yield plain(page, ['Range', 'bytes=0-0'], [name, value]);
      }
    }
  }
  for (const [name, values] of Object.entries(said)) {
    for (const value of values) {
      yield plain('/page', [name, value], ['Accept-Encoding', 'gzip']);
      yield { ...plain('/page', [name, value]), method: 'HEAD' };
      yield { ...plain('/page', [name, value]), version: '1.0' };
    }
  }
  for (const tag of ['ETAG', '"other"', '*']) {
    for (const date of ['DATE', 'EARLIER', 'LATER', 'yesterday']) {
      yield plain('/page', ['If-None-Match', tag], ['If-Modified-Since', date]);
      yield plain('/page', ['If-Match', tag], ['If-Unmodified-Since', date]);
      yield plain('/page', ['If-Match', tag], ['If-Modified-Since', date]);
      yield plain('/page', ['If-Unmodified-Since', date], ['If-None-Match', tag]);
      yield plain('/page', ['If-None-Match', tag], ['Range', 'bytes=0-1'], ['If-Modified-Since', date]);
    }
  }
}

export const table: readonly Asked[] = [...systematic()];

/** Any of the fields, in any combination. */
const anyFields: fc.Arbitrary<readonly Field[]> = fc
  .tuple(
    ...Object.entries(said).map(([name, values]) =>
      fc.option(
        fc.constantFrom(...values).map((value): Field => [name, value]),
        { nil: undefined, freq: 2 },
      ),
    ),
  )
  .map((fields) => fields.filter((field) => field !== undefined));

const number = fc.oneof(fc.nat(40), fc.nat(20_000), fc.nat(500_000));
const anyRange: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(number, number).map(([from, to]) => `${Math.min(from, to)}-${Math.max(from, to)}`),
  number.map((from) => `${from}-`),
  number.map((last) => `-${last}`),
);

/** Ranges of any size, up to five of them. */
const ranging: fc.Arbitrary<readonly Field[]> = fc
  .array(anyRange, { minLength: 1, maxLength: 5 })
  .map((list) => [['Range', `bytes=${list.join(',')}`]]);

const chance: fc.Arbitrary<Asked> = fc.record({
  page: fc.constantFrom(...Object.keys(pages)),
  method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD'),
  version: fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
  fields: fc.oneof(anyFields, anyFields, ranging),
});

/** The same combinations in every run. */
export function combinations(count: number): readonly Asked[] {
  return fc.sample(chance, { numRuns: count, seed: 20_261_122 });
}
