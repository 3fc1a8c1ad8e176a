import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMeta, encodeMeta, fits, fittingMeta, META_LIMIT, type Meta } from '../../src/entry/meta.ts';

const full: Meta = {
  key: '/a',
  storedAt: 1_700_000_000_123,
  by: 'warm',
  headers: [['content-language', 'en']],
  cacheControl: 'max-age=60',
  etag: '"x"',
  tags: ['news'],
  variants: ['.gz'],
  size: 10,
  mtimeMs: 1_700_000_000_123.5,
};

test('meta is read back as it was written, with and without what is optional', () => {
  const { cacheControl: _c, etag: _e, tags: _t, variants: _v, ...least } = full;
  const own: Meta = { ...least, contentType: 'application/json' };
  for (const meta of [full, least, own]) expect(decodeMeta(encodeMeta(meta))).toEqual(meta);
});

const spoilt: [string, unknown][] = [
  ['format', 2],
  ['key', 1],
  ['storedAt', 1],
  ['storedAt', 'yesterday'],
  ['by', 'me'],
  ['headers', {}],
  ['headers', [['a']]],
  ['headers', [['A', 'b']]],
  ['headers', [['a', 'b\r\nset-cookie: c']]],
  ['headers', [['a', 1]]],
  ['headers', ['ab']],
  ['cacheControl', 'a\nb'],
  ['cacheControl', null],
  ['etag', '"\u{1F600}"'],
  ['tags', 'news'],
  ['tags', [1]],
  ['variants', {}],
  ['size', '10'],
  ['mtimeMs', null],
];

test.each(spoilt)('meta with %s = %j is ignored as a whole', (field, value) => {
  const text = JSON.stringify({ ...JSON.parse(encodeMeta(full)), [field]: value });
  expect(decodeMeta(text)).toBeUndefined();
});

test('no text makes it throw', () => {
  for (const text of ['', 'null', '[]', '1', '{}', encodeMeta(full).slice(0, -9)])
    expect(decodeMeta(text)).toBeUndefined();
  fc.assert(fc.property(fc.json(), (text) => void decodeMeta(text)));
});

test('meta fits a body of its key, size and time, or of its second where the body has no fraction', () => {
  const body = { size: full.size, mtimeMs: full.mtimeMs + 0.001 };
  expect(fits(full, '/a', body)).toBe(true);
  expect(fits(full, '/b', body)).toBe(false);
  expect(fits(full, '/a', { ...body, size: 11 })).toBe(false);
  expect(fits(full, '/a', { ...body, mtimeMs: body.mtimeMs + 0.01 })).toBe(false);
  expect(fits(full, '/a', { ...body, mtimeMs: 1_700_000_000_000 })).toBe(true);
  expect(fits(full, '/a', { ...body, mtimeMs: 1_700_000_001_000 })).toBe(false);
});

test('meta has that of the page it replaces in it, one deep, and each body finds its own', () => {
  const older: Meta = { ...full, storedAt: full.storedAt - 2, mtimeMs: 1_700_000_000_001 };
  const old: Meta = { ...full, headers: [['content-language', 'fr']], size: 9, before: older };
  const read = decodeMeta(encodeMeta({ ...full, before: old }))!;
  const { before: _, ...alone } = old;
  expect(read).toEqual({ ...full, before: alone });
  expect(fittingMeta(read, '/a', { size: 9, mtimeMs: old.mtimeMs })).toEqual(alone);
  expect(fittingMeta(read, '/a', { size: 10, mtimeMs: full.mtimeMs })).toEqual(read);
  expect(fittingMeta(read, '/a', { size: 11, mtimeMs: full.mtimeMs })).toBeUndefined();
  expect(fittingMeta(undefined, '/a', { size: 9, mtimeMs: old.mtimeMs })).toBeUndefined();
});

test('meta that is damaged in what it replaces says what it says of its own body', () => {
  const text = encodeMeta({ ...full, before: full });
  const { before: _, ...rest } = JSON.parse(text);
  for (const before of [null, 1, {}, { ...rest, headers: [['Set-Cookie', 'a']] }])
    expect(decodeMeta(JSON.stringify({ ...rest, before }))).toEqual(full);
});

test('what two pages cannot have in one file is left to the newer one', () => {
  const long: Meta = { ...full, headers: [['content-language', 'x'.repeat(META_LIMIT / 2)]] };
  expect(decodeMeta(encodeMeta({ ...long, before: long }))).toEqual(long);
});
