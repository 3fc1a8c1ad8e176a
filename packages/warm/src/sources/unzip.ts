import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { WarmError } from '../errors.ts';

/** A list may grow so much without anybody asking how. */
const innocentBytes = 64 * 1024 * 1024;
/** Beyond that, lists and logs shrink to a twentieth or a hundredth; a bomb is zeros, which shrink to a thousandth. */
const highestRatio = 300;

/** Whether the bytes begin as gzip does (RFC 1952, 2.3.1). */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Unpacks gzip as it comes, with one member or several.
 *
 * @throws {WarmError} `ERR_PAGETREE_LIST` when it is broken or cut, or unpacks to far more than a list would.
 */
export async function* unzipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  let packed = 0;
  let unpacked = 0;
  async function* counted() {
    for await (const chunk of chunks) {
      packed += chunk.length;
      yield chunk;
    }
  }
  const fed = pipeline(counted, gunzip);
  // What goes wrong there is thrown below as well.
  fed.catch(() => {});
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      unpacked += chunk.length;
      if (unpacked > innocentBytes && unpacked > packed * highestRatio) throw bomb();
      yield chunk;
    }
    await fed;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') throw broken('its gzip ends early', error);
    if (code?.startsWith('Z_')) throw broken('its gzip is broken', error);
    throw error;
  }
}

function bomb(): WarmError {
  return broken(`its gzip unpacks to more than ${highestRatio} times its size, as only a gzip bomb does`);
}

function broken(what: string, cause?: unknown): WarmError {
  return new WarmError('ERR_PAGETREE_LIST', what, cause === undefined ? {} : { cause });
}
