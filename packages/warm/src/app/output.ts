/** What an application says while it runs: its last lines, and the ports that it names. */
import { stripVTControlCharacters } from 'node:util';
import { printable } from '../report/printable.ts';

/** Characters that are kept. */
const most = 64 * 1024;

/** A line in which an application says where it listens: `ready on http://localhost:3000`, `Listening on port 3000`. */
const announcement =
  /\b(?:listen\w*|running|ready|started|serv\w+|local|available|port)\b.{0,80}?(?:https?:\/\/[^\s/:]{1,80}:|port:?\s+|\blocalhost:|127\.0\.0\.1:|0\.0\.0\.0:|\]:)(\d{2,5})\b/i;

/** The end of what one process said. */
export class AppOutput {
  #text = '';

  add(chunk: Buffer | string): void {
    this.#text = (this.#text + stripVTControlCharacters(chunk.toString())).slice(-most);
  }

  /** The ports that it names as those where something listens: it itself, or what it uses. */
  ports(): number[] {
    const found = this.#text.split('\n').flatMap((line) => announcement.exec(line.slice(0, 500))?.[1] ?? []);
    return [...new Set(found.map(Number))].filter((port) => port > 0 && port < 65_536);
  }

  /** Its last lines, safe to print. */
  lastLines(count: number): string[] {
    const lines = this.#text.split(/\r?\n/).filter((line) => line.trim() !== '');
    return lines.slice(-count).map((line) => printable(line));
  }
}
