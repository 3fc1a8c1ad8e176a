/** Makes the variants of a page: on the thread pool, a few at a time. */
import zlib from 'node:zlib';
import type { Coding } from '../contracts.ts';
import { createGate } from './gate.ts';

/** Bodies below this many bytes fit one packet or two: compressing them saves nothing that anyone notices. */
export const SMALLEST = 1024;

/**
 * How hard to try: `best` is a tenth smaller than `fast`, for twenty times the work. The last level of brotli would take twice as
 * long again, for two hundredths.
 */
export type Effort = 'fast' | 'best';

const levels: Record<Effort, Record<Coding, number>> = {
  fast: { gzip: 6, br: 5, zstd: 3 },
  best: { gzip: 9, br: 10, zstd: 19 },
};

type Shrink = (bytes: Uint8Array, level: number, done: (error: Error | null, bytes: Buffer) => void) => void;

// Node 22.15 and later; the types of the oldest Node we support do not know it.
const modern = zlib as {
  zstdCompress?: (
    bytes: Uint8Array,
    options: object,
    done: (error: Error | null, bytes: Buffer) => void,
  ) => void;
};
const ZSTD_LEVEL = (zlib.constants as { ZSTD_c_compressionLevel?: number }).ZSTD_c_compressionLevel ?? 100;

const shrinkers: Partial<Record<Coding, Shrink>> = {
  gzip: (bytes, level, done) => zlib.gzip(bytes, { level }, done),
  br: (bytes, level, done) =>
    zlib.brotliCompress(
      bytes,
      {
        params: {
          [zlib.constants.BROTLI_PARAM_QUALITY]: level,
          [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
      },
      done,
    ),
  ...(modern.zstdCompress && {
    zstd: (bytes, level, done) => modern.zstdCompress!(bytes, { params: { [ZSTD_LEVEL]: level } }, done),
  }),
};

/** The codings that this Node can make. */
export const makeable: readonly Coding[] = (['gzip', 'br', 'zstd'] as const).filter(
  (coding) => shrinkers[coding],
);

/** Compresses a body. `undefined`: it did not get smaller, so no variant is worth its file. */
export type Compress = (bytes: Uint8Array, coding: Coding) => Promise<Buffer | undefined>;

/** A compressor that does `width` bodies at a time, and leaves the other threads to the readers. */
export function createCompressor(effort: Effort, width: number): Compress {
  const gate = createGate(width);
  return (bytes, coding) =>
    gate(async () => {
      const small = await new Promise<Buffer>((resolve, reject) => {
        shrinkers[coding]!(bytes, levels[effort][coding], (error, made) =>
          error ? reject(error) : resolve(made),
        );
      });
      return small.length < bytes.length ? small : undefined;
    });
}
