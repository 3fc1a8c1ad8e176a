import { createHash } from 'node:crypto';
import { pipeline, Writable } from 'node:stream';
import zlib from 'node:zlib';
import type { Coding } from '@pagetree/core';
import type { OriginClient, Response } from '../fetch/client.ts';
import type { Answered } from './judge.ts';

/** `createZstdDecompress` came with Node 22.15. */
const { createGunzip, createBrotliDecompress, createZstdDecompress } = zlib as typeof zlib & {
  readonly createZstdDecompress?: typeof zlib.createBrotliDecompress;
};

/** The codings that this Node can undo. */
export const undoable: readonly Coding[] = (['gzip', 'br', 'zstd'] as const).filter(
  (coding) => coding !== 'zstd' || createZstdDecompress !== undefined,
);

/** Asks a server for a page in one coding. No more than `most` bytes of its body are taken. */
export function askFor(
  client: OriginClient,
  target: string,
  coding: Coding | 'identity',
  most: number,
): Promise<Answered & { readonly headers: Response['headers'] }> {
  const read = async ({ status, headers, body }: Response) => {
    const field = (name: string) => [headers[name] ?? []].flat()[0];
    const said = field('content-encoding')?.trim().toLowerCase() ?? 'identity';
    const answered = {
      ...{ status, headers, coding: said, contentType: field('content-type'), location: field('location') },
    };
    if (status === 200) return { ...answered, body: await measure(body, said, most) };
    body.destroy();
    return { ...answered, body: undefined };
  };
  return client.get(target, read, { 'accept-encoding': coding });
}

async function measure(body: Response['body'], coding: string, most: number): Promise<Answered['body']> {
  const decoder = decoderOf(coding);
  if (decoder === undefined) {
    body.destroy();
    return undefined;
  }
  const digest = createHash('sha256');
  let size = 0;
  const take = (chunk: Uint8Array) => {
    size += chunk.length;
    digest.update(chunk);
  };
  if (decoder === 'none') {
    for await (const chunk of body) {
      take(chunk);
      if (size > most) break;
    }
    return { size, digest: digest.digest('hex') };
  }
  // The network breaking off is thrown, as without a coding; what cannot be decoded is an answer.
  let broken: { readonly error: unknown } | undefined;
  async function* source() {
    try {
      yield* body;
    } catch (error) {
      broken = { error };
      throw error;
    }
  }
  const sink = new Writable({
    write(chunk: Uint8Array, _, done) {
      take(chunk);
      done(size > most ? new Error('too long') : null);
    },
  });
  const failed = await new Promise<Error | null | undefined>((resolve) => {
    pipeline(source, decoder, sink, (error) => resolve(error));
  });
  if (broken !== undefined) throw (broken as { error: unknown }).error;
  return failed && size <= most ? undefined : { size, digest: digest.digest('hex') };
}

function decoderOf(coding: string) {
  switch (coding) {
    case 'identity':
      return 'none';
    case 'gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress?.();
    default:
      return undefined;
  }
}
