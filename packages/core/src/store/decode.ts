/** Undoes content codings on the way to the disk: pages are kept as they are without (RFC 9110, 8.4). */
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';

// Node 22.15 and later; the types of the oldest Node we support do not know it.
const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform };

/** Whether this Node can undo the coding `zstd` (RFC 8878). */
export const canDecodeZstd = createZstdDecompress !== undefined;

function decoderFor(coding: string): Transform {
  if (coding === 'br') return zlib.createBrotliDecompress();
  if (coding === 'deflate') return zlib.createInflate();
  if (coding === 'zstd' && createZstdDecompress) return createZstdDecompress();
  return zlib.createGunzip();
}

/** Decodes a body that comes in pieces. */
export interface Decoder {
  write(chunk: Uint8Array): void;
  /** Resolves when the last decoded byte was handed over; rejects when the body is damaged or cut. */
  end(): Promise<void>;
  destroy(): void;
  /** Bytes that wait to be decoded. */
  readonly backlog: number;
}

/**
 * A decoder for codings in the order in which they are undone. `onBytes` gets the decoded bytes; what a damaged body
 * says is told by `end`, and at once by `onError`.
 */
export function createDecoder(
  codings: readonly string[],
  onBytes: (bytes: Buffer) => void,
  onError: (error: Error) => void,
): Decoder {
  const chain = codings.map(decoderFor);
  const [first, last] = [chain[0]!, chain[chain.length - 1]!];
  const ended = new Promise<void>((resolve, reject) => {
    last.on('end', resolve);
    last.on('close', () => reject(new Error('the decoder was closed')));
    for (const [index, decoder] of chain.entries()) {
      decoder.on('error', (error) => {
        onError(error);
        reject(error);
      });
      const next = chain[index + 1];
      if (next) decoder.pipe(next);
    }
  });
  ended.catch(() => {});
  last.on('data', onBytes);
  return {
    get backlog() {
      return first.writableLength;
    },
    write: (chunk) => void first.write(chunk),
    end() {
      first.end();
      return ended;
    },
    destroy() {
      for (const decoder of chain) decoder.destroy();
    },
  };
}
