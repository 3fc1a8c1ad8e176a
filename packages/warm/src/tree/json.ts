import type { Output } from './output.ts';

/** What `JSON.stringify` leaves as it is, and a terminal obeys or hides. */
const unsafe = /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * JSON that may be printed: characters from outside that are no text are escaped, which changes nothing for who parses it.
 *
 * @param indent Blanks a level; without it all is one line.
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * One JSON document with long lists in it, written item by item: a million of them need no memory. What is known only at the
 * end stands behind them.
 */
export class LongDocument {
  readonly #output: Output;
  #items = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Writes the first members and opens the list. */
  begin(head: Readonly<Record<string, unknown>>, list: string): Promise<boolean> {
    const members = Object.entries(head).map(([name, value]) => `  ${jsonText(name)}: ${jsonText(value)},\n`);
    return this.#output.write(`{\n${members.join('')}  ${jsonText(list)}: [`);
  }

  /** `false`: nobody reads any more. */
  item(value: unknown): Promise<boolean> {
    return this.line(jsonText(value));
  }

  /** The same for what is JSON already. */
  line(json: string): Promise<boolean> {
    const comma = this.#items === 0 ? '' : ',';
    this.#items += 1;
    return this.#output.write(`${comma}\n    ${json}`);
  }

  /** Closes the list and opens another one. */
  next(list: string): Promise<boolean> {
    const end = this.#items === 0 ? '' : '\n  ';
    this.#items = 0;
    return this.#output.write(`${end}],\n  ${jsonText(list)}: [`);
  }

  /** Closes the list and writes the last members. */
  end(tail: Readonly<Record<string, unknown>>): Promise<boolean> {
    const members = Object.entries(tail).map(([name, value]) => `,\n  ${jsonText(name)}: ${jsonText(value)}`);
    return this.#output.write(`${this.#items === 0 ? '' : '\n  '}]${members.join('')}\n}\n`);
  }
}
