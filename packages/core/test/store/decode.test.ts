import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { createCompressor, makeable } from '../../src/store/compress.ts';
import { canDecodeZstd } from '../../src/store/decode.ts';
import { bodyAt, html, leftovers, newCache, pagesIn, servedGzip, store } from '../support/tree.ts';

const text = '<p>some text of a page</p>\n'.repeat(500);
const coded: [string, Buffer][] = [
  ['gzip', zlib.gzipSync(text)],
  ['br', zlib.brotliCompressSync(text)],
  ['deflate', zlib.deflateSync(text)],
  ['gzip, br', zlib.brotliCompressSync(zlib.gzipSync(text))],
];

test.each(coded)('a body in %s is kept decoded, in whatever pieces it comes', async (coding, bytes) => {
  const { cache, root } = newCache();
  const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, at) =>
    bytes.subarray(at * 7, at * 7 + 7),
  );
  expect(await store(cache, '/a', pieces, html({ 'content-encoding': coding }))).toMatchObject({
    kind: 'stored',
    bytes: text.length,
  });
  expect(await bodyAt(cache, '/a')).toBe(text);
  expect(leftovers(root)).toEqual([]);
});

test.each(coded)('a body in %s that is cut or damaged is refused', async (coding, bytes) => {
  const { cache, root } = newCache();
  const damaged = Buffer.from(bytes);
  damaged.fill(0xff, 12, 40);
  for (const body of [bytes.subarray(0, -9), damaged, Buffer.from('no such thing')]) {
    expect(await store(cache, '/a', body, html({ 'content-encoding': coding }))).toMatchObject({
      kind: 'refused',
      reason: 'encoding',
    });
  }
  expect([pagesIn(root), leftovers(root)]).toEqual([[], []]);
});

test('codings are undone in the reverse order of the field (they were undone in the order of the field, so two were refused)', async () => {
  const { cache } = newCache();
  const body = zlib.gzipSync(zlib.brotliCompressSync(text));
  expect(await store(cache, '/a', body, html({ 'content-encoding': 'br, gzip' }))).toMatchObject({
    kind: 'stored',
  });
});

test('a small body that decodes into a large one is dropped when it passes maxPageSize', async () => {
  const { cache, root } = newCache({ maxPageSize: 100_000 });
  const bomb = zlib.gzipSync(Buffer.alloc(50_000_000, 'a'));
  expect(await store(cache, '/a', bomb, html({ 'content-encoding': 'gzip' }))).toMatchObject({
    reason: 'too-large',
  });
  expect([pagesIn(root), leftovers(root)]).toEqual([[], []]);
});

test('compressed bytes that wait to be decoded are bounded too', async () => {
  const { cache } = newCache({ maxPending: 1000 });
  const noise = Buffer.from(Array.from({ length: 20_000 }, (_, at) => (at * 7919) % 251));
  const pieces = Array.from({ length: 20 }, () => noise);
  expect(await store(cache, '/a', pieces, html({ 'content-encoding': 'gzip' }))).toMatchObject({
    kind: 'refused',
  });
});

test('variants have the time of their body, and are made only where they are smaller and the type shrinks', async () => {
  const { cache, root } = newCache({ variants: ['gzip', 'br'] });
  await store(cache, '/a', text);
  expect(pagesIn(root)).toEqual(['a', 'a.br', 'a.gz']);
  expect(servedGzip(root, 'a')).toBe(text);
  await store(cache, '/small', 'x'.repeat(1000));
  await store(cache, '/a.png', Buffer.from(text), { status: 200, headers: { 'content-type': 'image/png' } });
  expect(pagesIn(root).filter((path) => /^(small|a\.png)\./.test(path))).toEqual([]);
});

test('a page over the size of one write is read back to be compressed', async () => {
  const { cache, root } = newCache({ variants: ['gzip'] });
  const big = text.repeat(20);
  const pieces = Array.from({ length: 10 }, (_, at) =>
    Buffer.from(big.slice((at * big.length) / 10, ((at + 1) * big.length) / 10)),
  );
  await store(cache, '/a', pieces);
  expect(servedGzip(root, 'a')).toBe(big);
});

test('what does not get smaller is no variant', async () => {
  const compress = createCompressor('best', 1);
  expect(await compress(randomBytes(3000), 'gzip')).toBeUndefined();
  for (const coding of makeable)
    expect((await compress(Buffer.from(text), coding))!.length).toBeLessThan(text.length);
  expect(makeable.includes('zstd')).toBe(canDecodeZstd);
});
