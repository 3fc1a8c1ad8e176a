import { isUtf8 } from 'node:buffer';
import { WarmError } from '../errors.ts';
import { excerpt } from '../report/printable.ts';

/** One line of a list that says something: its text, or what is wrong with it. */
export type Line =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly text: string; readonly problem: string };

/** The longest line in bytes: the usual limit of servers for a request line. */
export const lineCap = 8192;

/** What `LineSplitter` makes of the bytes of one line; `undefined` when the line says nothing. */
export type ReadLine = (line: Buffer, number: number) => Line | undefined;

const newline = 0x0a;
const carriageReturn = 0x0d;
const control = /\p{Cc}/u;
const loneSurrogate = /\p{Cs}/u;

/**
 * Cuts bytes into lines, whatever their chunks are. Blank lines and lines that start with `#` are left
 * out; a byte order mark, a carriage return at the end and blanks around are removed. Never holds more
 * than one chunk and one line.
 */
export class LineSplitter {
  #rest: Buffer[] = [];
  #restBytes = 0;
  /** The line that is being read is over the cap: its bytes are dropped, not collected. */
  #tooLong = false;
  #number = 0;
  readonly #read: ReadLine;
  readonly #cap: number;

  /** Lines over `cap` bytes are cut a little behind it; `read` sees from the length that they were longer. */
  constructor(read: ReadLine = parseLine, cap: number = lineCap) {
    this.#read = read;
    this.#cap = cap;
  }

  /** The lines that end in this chunk. */
  push(chunk: Uint8Array): Line[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: Line[] = [];
    let start = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      this.#finish(bytes.subarray(start, end), lines);
      start = end + 1;
    }
    this.#keep(bytes.subarray(start));
    return lines;
  }

  /** The last line, when nothing ends it. */
  end(): Line[] {
    const lines: Line[] = [];
    if (this.#restBytes > 0) this.#finish(Buffer.alloc(0), lines);
    return lines;
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#restBytes += bytes.length;
    if (this.#tooLong) return;
    this.#rest.push(bytes);
    // One line may come in many small chunks; two bytes of slack for the carriage return and the cut.
    if (this.#restBytes > this.#cap + 2) {
      this.#rest = [Buffer.concat(this.#rest).subarray(0, this.#cap + 2)];
      this.#tooLong = true;
    }
  }

  #finish(tail: Buffer, lines: Line[]): void {
    this.#number += 1;
    const bytes = this.#restBytes === 0 ? tail : Buffer.concat([...this.#rest, tail]);
    const line = this.#read(bytes, this.#number);
    if (line !== undefined) lines.push(line);
    this.#rest = [];
    this.#restBytes = 0;
    this.#tooLong = false;
  }
}

/** What one line says, without the newline that ends it; `undefined` for a blank line or a comment. */
export function parseLine(line: Buffer, number: number): Line | undefined {
  const bytes = number === 1 ? withoutMark(line) : line;
  const whole = bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes;
  const text = trimBlanks(whole.subarray(0, lineCap).toString('utf8'));
  if (text === '' && whole.length <= lineCap) return undefined;
  if (text.startsWith('#')) return undefined;
  if (whole.length > lineCap) {
    return { number, text: excerpt(text, 80), problem: `longer than ${lineCap} bytes` };
  }
  if (!isUtf8(whole)) return { number, text, problem: 'not UTF-8' };
  return judgeText(text, number);
}

/** A path or URL that was taken out of something larger, judged as if it stood on a line of its own. */
export function judgeText(text: string, number: number): Line {
  if (Buffer.byteLength(text) > lineCap) {
    return { number, text: excerpt(text, 80), problem: `longer than ${lineCap} bytes` };
  }
  if (control.test(text)) return { number, text, problem: 'has a control character' };
  if (loneSurrogate.test(text))
    return { number, text: '', problem: 'has half a character (a lone surrogate)' };
  return { number, text };
}

/** Takes the byte order mark away. @throws {WarmError} for UTF-16. */
export function withoutMark(bytes: Buffer): Buffer {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return bytes.subarray(3);
  const first = bytes[0];
  const second = bytes[1];
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) throw notUtf8();
  return bytes;
}

/** The error for a list in UTF-16. */
export function notUtf8(): WarmError {
  return new WarmError('ERR_PAGETREE_LIST', 'it is UTF-16, not UTF-8', {
    hint: 'Save the list as UTF-8; in PowerShell: `... | Out-File -Encoding utf8 urls.txt`.',
  });
}

/** By hand: an expression for blanks at the end looks again from each blank in the middle. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
