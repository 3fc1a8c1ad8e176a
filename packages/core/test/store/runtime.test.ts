/** A runtime that knows zstd (Node 22.15 and later), played where it does not, and one whose compressor fails. */
import zlib from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { createCompressor, makeable } from '../../src/store/compress.ts';
import { canDecodeZstd, createDecoder } from '../../src/store/decode.ts';
import { get, html, newCache, store } from '../support/tree.ts';

vi.mock('node:zlib', async (original) => {
  const { default: real } = await original<{ default: typeof zlib }>();
  // Any coding does to see who is called: what comes out is undone by its counterpart.
  const played = {
    zstdCompress: (bytes: Uint8Array, _: object, done: (error: Error | null, bytes: Buffer) => void) =>
      real.deflate(bytes, done),
    createZstdDecompress: () => real.createInflate(),
    gzip: (bytes: Uint8Array, _: object, done: (error: Error | null, bytes?: Buffer) => void) =>
      Buffer.from(bytes).includes('broken') ? done(new Error('out of memory')) : real.gzip(bytes, done),
  };
  return { default: { ...real, ...played } };
});

const text = '<p>text</p>'.repeat(300);

test('where the runtime knows zstd, variants are made with it and bodies that come with it are stored', async () => {
  expect(makeable).toEqual(['gzip', 'br', 'zstd']);
  expect(canDecodeZstd).toBe(true);
  const { cache } = newCache({ variants: ['zstd'] });
  const sent = zlib.deflateSync(Buffer.from(text));
  expect(await store(cache, '/a', sent, html({ 'content-encoding': 'zstd' }))).toMatchObject({
    kind: 'stored',
  });
  const found = await cache.lookup(get('/a'));
  if (found.kind !== 'hit') throw new Error(found.kind);
  expect(String(zlib.inflateSync(await (await found.page.body('zstd'))!.bytes()))).toBe(text);
  expect(String(await (await found.page.body())!.bytes())).toBe(text);
  await found.page.close();
});

test('a body that ends in the middle of a coding is told, not passed on as whole', async () => {
  const sent = zlib.deflateSync(Buffer.from(text));
  const decoder = createDecoder(
    ['zstd'],
    () => {},
    () => {},
  );
  decoder.write(sent.subarray(0, sent.length - 5));
  await expect(decoder.end()).rejects.toThrow();
});

test('a compressor that fails costs the page its place, and the visitor nothing', async () => {
  await expect(createCompressor('fast', 1)(Buffer.from('broken'), 'gzip')).rejects.toThrow('out of memory');
  const { cache, events } = newCache({ variants: ['gzip'] });
  expect(await store(cache, '/a', `broken ${text}`)).toMatchObject({ kind: 'refused', reason: 'disk-error' });
  expect(events.some((event) => event.type === 'error' && event.error.message === 'out of memory')).toBe(
    true,
  );
  expect(await store(cache, '/b', text)).toMatchObject({ kind: 'stored' });
});
