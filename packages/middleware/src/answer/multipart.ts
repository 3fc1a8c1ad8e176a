/** The `multipart/byteranges` body of an answer with several ranges (RFC 9110, 14.6). */
import type { ByteRange } from '@pagetree/core';

/** Bytes of the answer itself, or a part of the page. */
export type Piece = Buffer | ByteRange;

/** Lays out the parts as nginx does, and counts the bytes: the length must be known before the first one is sent. */
export function multipart(
  ranges: readonly ByteRange[],
  size: number,
  contentType: string,
  boundary: string,
): { readonly pieces: readonly Piece[]; readonly length: number } {
  const pieces: Piece[] = [];
  let length = 0;
  for (const range of ranges) {
    const head = Buffer.from(
      `\r\n--${boundary}\r\nContent-Type: ${contentType}\r\nContent-Range: bytes ${range.start}-${range.end}/${size}\r\n\r\n`,
      'latin1',
    );
    pieces.push(head, range);
    length += head.length + range.end - range.start + 1;
  }
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1');
  pieces.push(tail);
  return { pieces, length: length + tail.length };
}
