/** Tells whether a body that comes in pieces is UTF-8. */
import { isUtf8 } from 'node:buffer';

/** A check of one body. After the first `false` every answer is `false`. */
export interface Utf8Check {
  /** Takes the next bytes. `false`: the body is not UTF-8. */
  write(chunk: Uint8Array): boolean;
  /** The body is over. `false`: it is not UTF-8, or stops within a character. */
  end(): boolean;
}

/**
 * Starts the check of one body (RFC 3629). A character may be cut between two pieces: up to three bytes are
 * carried over. The rest is left to `isUtf8`, which makes no strings and no copies.
 */
export function createUtf8Check(): Utf8Check {
  let carried: number[] = [];
  let valid = true;
  return {
    write(chunk) {
      let start = 0;
      while (carried.length > 0 && start < chunk.length) {
        carried.push(chunk[start]!);
        start += 1;
        if (carried.length < sequenceLength(carried[0]!)) continue;
        valid &&= isUtf8(Uint8Array.from(carried));
        carried = [];
      }
      const end = chunk.length - cutOff(chunk, start);
      valid &&= isUtf8(chunk.subarray(start, end));
      if (end < chunk.length) carried = [...chunk.subarray(end)];
      return valid;
    },
    end() {
      valid &&= carried.length === 0;
      return valid;
    },
  };
}

/** How many bytes at the end of a chunk are the beginning of a character that the chunk does not hold whole. */
function cutOff(chunk: Uint8Array, start: number): number {
  for (let back = 1; back <= 3 && chunk.length - back >= start; back += 1) {
    const byte = chunk[chunk.length - back]!;
    const continues = (byte & 0xc0) === 0x80;
    if (!continues) return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

function sequenceLength(lead: number): number {
  if (lead < 0xc0) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}
