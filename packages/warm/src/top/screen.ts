/** A terminal that is drawn upon and given back as it was: the alternate screen, without a cursor. */
import type { Room } from './view.ts';

/** What is needed of a terminal. */
export interface Terminal {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

const enter = '\x1b[?1049h\x1b[?25l\x1b[2J';
const leave = '\x1b[?25h\x1b[?1049l';
const home = '\x1b[H';
const restOfLine = '\x1b[K';
const restOfScreen = '\x1b[J';

export class Screen {
  readonly #terminal: Terminal;
  #entered = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** A character in the last column makes some terminals wrap. */
  get room(): Room {
    const { columns, rows } = this.#terminal;
    return { columns: (columns || 80) - 1, rows: rows || 24 };
  }

  /** Draws over what was there, in one write, so that nothing flickers. */
  draw(lines: readonly string[]): void {
    const begin = this.#entered ? home : enter + home;
    this.#entered = true;
    const text = lines.map((line) => `${line}${restOfLine}`).join('\r\n');
    this.#terminal.write(`${begin}${text}${restOfScreen}`);
  }

  /** Gives the terminal back. Safe to call twice. */
  close(): void {
    if (this.#entered) this.#terminal.write(leave);
    this.#entered = false;
  }
}
