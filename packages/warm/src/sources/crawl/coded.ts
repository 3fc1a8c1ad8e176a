/** Pages that come compressed though nobody asked for that: their links count as well. */
import zlib from 'node:zlib';
import type { HeaderMap } from '@pagetree/core';
import type { LinkReader, PageLinks } from './page-links.ts';

type Decode = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Buffer;

// Node 22.15 and later; the types of the oldest Node we support do not know it.
const { zstdDecompressSync } = zlib as unknown as { zstdDecompressSync?: Decode };

const decoders: Readonly<Record<string, Decode | undefined>> = {
  gzip: zlib.gunzipSync,
  'x-gzip': zlib.gunzipSync,
  br: zlib.brotliDecompressSync,
  deflate: zlib.inflateSync,
  zstd: zstdDecompressSync,
};

/** The content codings of a response, in the order in which they are undone (RFC 9110, 8.4). */
export function codingsOf(headers: HeaderMap): string[] {
  const field = [headers['content-encoding'] ?? []].flat().join(',');
  return field
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity')
    .reverse();
}

/** Gathers a coded body, and reads it when it is whole: what is cut or damaged has no links that are known. */
export class CodedReader implements LinkReader {
  readonly #codings: readonly string[];
  readonly #reader: LinkReader;
  readonly #most: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  /** @param most The most bytes that are looked at, coded and decoded. */
  constructor(codings: readonly string[], reader: LinkReader, most: number) {
    this.#codings = codings;
    this.#reader = reader;
    this.#most = most;
  }

  write(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#most) return false;
    this.#chunks.push(chunk);
    return true;
  }

  end(): PageLinks {
    const text = this.#decode();
    if (text !== undefined) this.#reader.write(text);
    const found = this.#reader.end();
    const lost = `cannot be read for its links: content-encoding ${this.#codings.toReversed().join(', ')}`;
    return text === undefined ? { ...found, lost } : found;
  }

  #decode(): Buffer | undefined {
    if (this.#bytes > this.#most) return undefined;
    let bytes: Buffer = Buffer.concat(this.#chunks);
    this.#chunks = [];
    try {
      for (const coding of this.#codings) {
        const decode = decoders[coding];
        if (decode === undefined) return undefined;
        bytes = decode(bytes, { maxOutputLength: this.#most });
      }
      return bytes;
    } catch {
      return undefined;
    }
  }
}
