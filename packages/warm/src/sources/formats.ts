import { detectFormat, type Format, headBytes } from './detect.ts';
import type { Found } from './entry.ts';
import { readJsonArray, readJsonLines } from './json.ts';
import { LineSplitter } from './lines.ts';
import { readLog } from './log.ts';
import type { DocumentOrigin } from './markup.ts';
import { cutRobots, robotsBytes, sitemapsOf, takeRobots } from './robots.ts';
import { isGzip, unzipped } from './unzip.ts';

/** A source whose bytes are there. */
export interface Opened extends DocumentOrigin {
  /** What it is written in; `undefined`: how it begins tells. */
  readonly format: Format | undefined;
}

/** Packed twice happens (`sitemap.xml.gz`, compressed once more on its way); more often is a game. */
const mostLayers = 2;
const newline = 0x0a;
const hash = 0x23;

/**
 * Reads the bytes of one source, whatever it is written in, packed with gzip or not.
 *
 * @throws {WarmError} `ERR_PAGETREE_LIST` with words that fit behind "cannot be read:".
 */
export async function* readFormat(bytes: AsyncIterable<Uint8Array>, opened: Opened): AsyncGenerator<Found> {
  let { head, chunks } = await peek(bytes);
  for (let layer = 0; layer < mostLayers && isGzip(head); layer += 1) {
    ({ head, chunks } = await peek(unzipped(chunks)));
  }
  const { source } = opened;
  switch (opened.format ?? detectFormat(head)) {
    case 'xml':
      return yield* (await import('./markup.ts')).readXml(chunks, opened);
    case 'ndjson':
      return yield* readJsonLines(chunks, source);
    case 'json':
      return yield* readJsonArray(chunks, source);
    case 'log':
      return yield* readLog(chunks, source);
    case 'robots':
      return yield* readRobots(chunks, source);
    case 'text':
      return yield* readText(chunks, source);
  }
}

/** One path or URL a line. */
async function* readText(chunks: AsyncIterable<Uint8Array>, source: string): AsyncGenerator<Found> {
  const splitter = new LineSplitter();
  for await (const chunk of chunks) {
    for (const line of splitter.push(chunk)) yield { ...line, source };
  }
  for (const line of splitter.end()) yield { ...line, source };
}

/** A robots.txt is a list of sitemaps. */
async function* readRobots(chunks: AsyncIterable<Uint8Array>, source: string): AsyncGenerator<Found> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    kept.push(chunk);
    bytes += chunk.length;
    if (bytes > robotsBytes) break;
  }
  const { text, cut } = takeRobots(Buffer.concat(kept));
  const sitemaps = sitemapsOf(text);
  for (const line of sitemaps) {
    if ('problem' in line) yield { ...line, source, reason: 'bad-source' };
    else yield { nested: line.text, number: line.number };
  }
  if (sitemaps.length === 0) yield { notice: 'names no sitemap' };
  if (cut) yield cutRobots(source);
}

/**
 * Looks at the beginning, as far as a first line that says something: whoever types a list, or makes one slowly,
 * should not wait for more. What was looked at is read again.
 */
async function peek(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ readonly head: Buffer; readonly chunks: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  const firstLine = new FirstLine();
  let begin = Buffer.alloc(0);
  let length = 0;
  while (length < headBytes) {
    const next = await iterator.next();
    if (next.done === true) break;
    seen.push(next.value);
    length += next.value.length;
    if (begin.length < 2) begin = Buffer.concat([begin, next.value.subarray(0, 2)]);
    if (isGzip(begin) || firstLine.endsIn(next.value)) break;
  }
  const head = Buffer.concat(seen).subarray(0, headBytes);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield* seen.splice(0);
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { head, chunks: chunks() };
}

/** Looks for the end of the first line that is neither blank nor a comment, in pieces as they come. */
class FirstLine {
  /** What the line is of which the end has not come. */
  #line: 'blank' | 'comment' | 'said' = 'blank';

  /** Whether it is in this piece. */
  endsIn(piece: Uint8Array): boolean {
    for (const byte of piece) {
      if (byte === newline) {
        if (this.#line === 'said') return true;
        this.#line = 'blank';
      } else if (this.#line === 'blank' && !isBlank(byte)) {
        this.#line = byte === hash ? 'comment' : 'said';
      }
    }
    return false;
  }
}

/** A blank, a tab, or another character that ends words. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
