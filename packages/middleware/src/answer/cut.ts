/** Cuts the pieces of an answer out of a body that is read once, from front to back. */
import type { ByteRange, PageBody } from '@pagetree/core';
import type { Piece } from './multipart.ts';

/** The bytes of the pieces, from a body that is in memory. */
export function slices(bytes: Buffer, pieces: readonly Piece[]): Buffer {
  const cut = pieces.map((piece) =>
    Buffer.isBuffer(piece) ? piece : bytes.subarray(piece.start, piece.end + 1),
  );
  return cut.length === 1 ? cut[0]! : Buffer.concat(cut);
}

/**
 * The bytes of the pieces, from a body that is streamed. Its ranges must be in order and apart. Whoever stops
 * reading closes the file.
 */
export async function* streamed(body: PageBody, pieces: readonly Piece[]): AsyncGenerator<Buffer> {
  const ranges = pieces.filter((piece): piece is ByteRange => !Buffer.isBuffer(piece));
  const start = ranges[0]!.start;
  const source = body.stream({ start, end: ranges.at(-1)!.end }) as AsyncIterable<Buffer>;
  const chunks = source[Symbol.asyncIterator]();
  let chunk: Buffer = Buffer.alloc(0);
  let at = start;
  try {
    for (const piece of pieces) {
      if (Buffer.isBuffer(piece)) {
        yield piece;
        continue;
      }
      while (at <= piece.end) {
        if (chunk.length === 0) {
          const next = await chunks.next();
          if (next.done) throw new Error('a page was cut while it was read');
          chunk = next.value;
        }
        const skipped = Math.min(Math.max(piece.start - at, 0), chunk.length);
        const taken = chunk.subarray(skipped, Math.min(piece.end + 1 - at, chunk.length));
        at += skipped + taken.length;
        chunk = chunk.subarray(skipped + taken.length);
        if (taken.length > 0) yield taken;
      }
    }
  } finally {
    await chunks.return?.();
  }
}
