/** Reads the body of a Node request, unless somebody did it before. */
import type { Readable } from 'node:stream';
import { LARGEST_BODY, type PurgeBody } from './endpoint.ts';

/**
 * What is left of a body. `parsed` is what a body parser made of it (`req.body`). Some of them put an empty object
 * there for a body that they did not read, so it counts only when the stream was read.
 */
export async function readBody(stream: Readable, parsed: unknown): Promise<PurgeBody> {
  const isRead = stream.readableEnded || stream.readableDidRead;
  if (isRead && parsed === undefined) return { kind: 'taken' };
  if (isRead) return asBody(parsed);
  return collect(stream);
}

/** `express.raw()` and `express.text()` keep what they read as it is. */
function asBody(parsed: unknown): PurgeBody {
  if (parsed instanceof Uint8Array) return { kind: 'bytes', bytes: parsed };
  if (typeof parsed === 'string') return { kind: 'bytes', bytes: Buffer.from(parsed) };
  return { kind: 'parsed', value: parsed };
}

/** Reads to the end, or to the limit: what comes after it is let go by, so that the client can read the answer. */
function collect(stream: Readable): Promise<PurgeBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LARGEST_BODY) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve({ kind: 'too-large' });
      }
    });
    stream.on('end', () => resolve({ kind: 'bytes', bytes: Buffer.concat(chunks) }));
    stream.on('error', () => resolve({ kind: 'broken' }));
    stream.on('close', () => resolve({ kind: 'broken' }));
  });
}
