import { isUtf8 } from 'node:buffer';
import { WarmError } from '../errors.ts';
import { excerpt } from '../report/printable.ts';
import type { Entry, UrlFacts } from './entry.ts';
import { latestTime } from './latest-time.ts';
import { judgeText, type Line, LineSplitter, withoutMark } from './lines.ts';

/** The longest JSON text of one URL, in bytes: a URL of 8 KB with its tags. */
const longestValue = 64 * 1024;
const mostTags = 1000;
const shown = 80;

/**
 * Reads one JSON value a line: `{"url": "/about", "tags": ["news"], "priority": 1}`, or only `"/about"`. Other keys
 * are passed over, so a report of cache-warm is a list as well.
 */
export async function* readJsonLines(
  chunks: AsyncIterable<Uint8Array>,
  source: string,
): AsyncGenerator<Entry> {
  const splitter = new LineSplitter(readRawLine, longestValue);
  for await (const chunk of chunks) {
    for (const line of splitter.push(chunk)) yield entryOf(line, source);
  }
  for (const line of splitter.end()) yield lastEntryOf(line, source);
}

/** The last line, which no newline ends. Where it is no JSON the file was cut, and nobody knows how much more there was. */
function lastEntryOf(line: Line, source: string): Entry {
  if (!('problem' in line) && isJson(line.text)) return entryOf(line, source);
  const problem = 'ends within a line';
  return { number: line.number, text: source, source, problem, reason: 'bad-source' };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Like a line of a text list, but judged by JSON's rules: a tab between two values is well. */
function readRawLine(line: Buffer, number: number): Line | undefined {
  const bytes = number === 1 ? withoutMark(line) : line;
  const text = bytes.subarray(0, longestValue).toString('utf8').trim();
  if (bytes.length > longestValue) {
    return { number, text: excerpt(text, shown), problem: `longer than ${longestValue} bytes` };
  }
  if (text === '' || text.startsWith('#')) return undefined;
  return isUtf8(bytes) ? { number, text } : { number, text: excerpt(text, shown), problem: 'not UTF-8' };
}

function entryOf(line: Line, source: string): Entry {
  if ('problem' in line) return { ...line, source };
  return parseValue(line.text, line.number, source);
}

/** What one JSON text says of a URL. Pure. */
export function parseValue(text: string, number: number, source: string): Entry {
  const wrong = (problem: string): Entry => ({ text: excerpt(text, shown), number, source, problem });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return wrong('not JSON');
  }
  if (typeof value === 'string') return { ...judgeText(value, number), source };
  if (typeof value !== 'object' || value === null) return wrong('neither an object nor a text');
  const { url, tags, priority, lastmod } = value as Record<string, unknown>;
  if (typeof url !== 'string') return wrong('has no "url"');
  const facts = readFacts(tags, priority, lastmod);
  if (typeof facts === 'string') return { text: judgeText(url, number).text, number, source, problem: facts };
  return { ...judgeText(url, number), source, ...facts };
}

function readFacts(tags: unknown, priority: unknown, lastmod: unknown): UrlFacts | string {
  const list = typeof tags === 'string' ? [tags] : (tags ?? []);
  if (!Array.isArray(list) || !list.every(isTag)) return '"tags" is not a list of texts without blanks';
  if (list.length > mostTags) return `"tags" has more than ${mostTags} texts`;
  if (priority !== undefined && priority !== null && !Number.isFinite(priority))
    return '"priority" is not a number';
  const time = typeof lastmod === 'string' || typeof lastmod === 'number' ? latestTime(lastmod) : undefined;
  if (lastmod !== undefined && lastmod !== null && !Number.isFinite(time)) return '"lastmod" is not a date';
  return {
    ...(list.length === 0 ? {} : { tags: list }),
    ...(typeof priority === 'number' ? { priority } : {}),
    ...(time === undefined ? {} : { lastmod: time }),
  };
}

/** A tag goes into a header field, where blanks and commas part one from the next. */
function isTag(tag: unknown): tag is string {
  return typeof tag === 'string' && /^[\x21-\x2b\x2d-\x7e]{1,256}$/.test(tag);
}

/**
 * Reads a JSON array of the same values, however it is laid out, one value at a time.
 *
 * @throws {WarmError} `ERR_PAGETREE_LIST` when the brackets do not fit, or something stands behind the last one.
 */
export async function* readJsonArray(
  chunks: AsyncIterable<Uint8Array>,
  source: string,
): AsyncGenerator<Entry> {
  const splitter = new ArraySplitter();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of chunks) {
      for (const { text, number } of splitter.push(decoder.decode(chunk, { stream: true }))) {
        yield parseValue(text, number, source);
      }
    }
    decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new WarmError('ERR_PAGETREE_LIST', 'it is not UTF-8', { cause: error });
  }
  if (!splitter.ended) throw new WarmError('ERR_PAGETREE_LIST', 'it ends before its array does');
}

/** Cuts an array into the texts of its values by following quotes and brackets. */
class ArraySplitter {
  ended = false;
  #depth = 0;
  #quoted = false;
  #escaped = false;
  /** A value has begun and not ended; `#value` is what of it stood in earlier pieces. */
  #begun = false;
  #value = '';
  #valueLine = 1;
  #line = 1;

  *push(text: string): Generator<{ readonly text: string; readonly number: number }> {
    let start = 0;
    for (let at = 0; at < text.length; at += 1) {
      const char = text[at]!;
      if (char === '\n') this.#line += 1;
      if (this.#quoted) this.#passQuoted(char);
      else if (isBlank(char)) continue;
      else if (this.ended) throw this.#refuse('something stands behind the end of its array');
      else if (this.#depth === 0) this.#open(char);
      else if (this.#depth === 1 && (char === ',' || char === ']')) {
        if (this.#begun) {
          this.#keep(text.slice(start, at));
          yield { text: this.#value.trimEnd(), number: this.#valueLine };
        }
        this.#begun = false;
        this.#value = '';
        this.ended = char === ']';
      } else {
        if (!this.#begun) {
          this.#begun = true;
          this.#valueLine = this.#line;
          start = at;
        }
        this.#pass(char);
      }
    }
    if (this.#begun) this.#keep(text.slice(start));
  }

  #open(char: string): void {
    if (char !== '[') throw new WarmError('ERR_PAGETREE_LIST', 'it is not a JSON array');
    this.#depth = 1;
  }

  #pass(char: string): void {
    if (char === '"') this.#quoted = true;
    else if (char === '[' || char === '{') this.#depth += 1;
    else if (char === ']' || char === '}') this.#depth -= 1;
    if (this.#depth === 0) throw this.#refuse('its brackets do not fit');
  }

  #passQuoted(char: string): void {
    if (this.#escaped) this.#escaped = false;
    else if (char === '\\') this.#escaped = true;
    else if (char === '"') this.#quoted = false;
  }

  #keep(part: string): void {
    this.#value += part;
    if (this.#value.length <= longestValue) return;
    const what = `line ${this.#valueLine}: a value is longer than ${longestValue} characters`;
    throw new WarmError('ERR_PAGETREE_LIST', what);
  }

  #refuse(what: string): WarmError {
    return new WarmError('ERR_PAGETREE_LIST', `line ${this.#line}: ${what}`);
  }
}

function isBlank(char: string): boolean {
  return char === ' ' || char === '\n' || char === '\r' || char === '\t' || char === '\ufeff';
}
