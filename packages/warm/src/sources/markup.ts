import { TextDecoder } from 'node:util';
import { WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';
import { DocumentReader } from './document.ts';
import type { Found } from './entry.ts';

/** What sitemaps.org allows for one sitemap. Larger ones are read all the same. */
const mostUrls = 50_000;
const mostBytes = 50 * 1024 * 1024;

/** Where a document came from. */
export interface DocumentOrigin {
  readonly source: string;
  /** Its address, for the relative links of a feed. */
  readonly url?: string | undefined;
}

/**
 * Reads a sitemap, a sitemap index, RSS 0.9 to 2.0 or Atom.
 *
 * @throws {WarmError} `ERR_PAGETREE_LIST` for what cannot be read on. What was found before stands.
 */
export async function* readXml(
  chunks: AsyncIterable<Uint8Array>,
  { source, url }: DocumentOrigin,
): AsyncGenerator<Found> {
  const document = new DocumentReader({ source, url });
  let decoder: TextDecoder | undefined;
  let bytes = 0;
  const limits = new ProtocolLimits();
  try {
    for await (const chunk of chunks) {
      decoder ??= decoderOf(Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.byteLength, 200)));
      bytes += chunk.length;
      document.write(decode(decoder, chunk));
      yield* document.take();
      if (document.isSitemap) yield* limits.crossed(document.count, bytes);
    }
    if (decoder !== undefined) document.write(decode(decoder));
    document.end();
  } catch (error) {
    // What was found before it went wrong stands.
    yield* document.take();
    throw error;
  }
  yield* document.take();
  if (document.isSitemap) yield* limits.crossed(document.count, bytes);
}

/** Tells once of each limit of sitemaps.org that a sitemap is over. */
class ProtocolLimits {
  readonly #told = new Set<string>();

  *crossed(urls: number, bytes: number): Generator<{ readonly notice: string }> {
    if (urls > mostUrls) yield* this.#once('has more than the 50,000 URLs');
    if (bytes > mostBytes) yield* this.#once('is larger than the 50 MB');
  }

  *#once(what: string): Generator<{ readonly notice: string }> {
    if (this.#told.has(what)) return;
    this.#told.add(what);
    yield { notice: `${what} that a sitemap may have (sitemaps.org); it is read all the same` };
  }
}

/** The encoding that the XML declaration names (XML 1.0, 4.3.3). */
function decoderOf(head: Buffer): TextDecoder {
  const named = /^(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(
    head.toString('latin1'),
  );
  const label = named?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(label, { fatal: true });
  } catch {
    throw new WarmError('ERR_PAGETREE_LIST', `its encoding "${printable(label)}" is not known`);
  }
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch (error) {
    throw new WarmError('ERR_PAGETREE_LIST', `it is not ${decoder.encoding.toUpperCase()}`, { cause: error });
  }
}
