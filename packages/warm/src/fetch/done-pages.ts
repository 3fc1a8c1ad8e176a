/** The pages that the lines of a journal name. */
import type { DoneBefore } from '../plan/plan.ts';
import { Seen } from '../plan/seen.ts';
import type { Change } from '../results.ts';
import { headerIn } from './journal-file.ts';

/** How the tree changed by a page that is done, in front of its target. */
const marks = { new: '+', changed: '~' } as const;

/** A line for a page that is done. */
export function lineOf(target: string, change: Change): string {
  return `${change === 'new' || change === 'changed' ? marks[change] : ''}${target}\n`;
}

/** What interrupted runs have done: each goes on with the one before, and had its own last moment. */
export class DonePages {
  readonly #done = new Seen();
  /** What of it was new, and what has changed: that is told once more, since the run that did it told nobody at its end. */
  readonly #changed = { new: new Seen(), changed: new Seen() };
  /** When each run wrote last, the first one first. The last of them has nobody behind it who could say so. */
  readonly #untils: number[] = [];
  /** What the second run and those behind it have done, with the number of the run in front: one table, however many they are. */
  readonly #later = new Seen();

  get size(): number {
    return this.#done.size;
  }

  /** Takes the next line of the journal. */
  note(line: string): void {
    const until = headerIn(line)?.until;
    if (until !== undefined) this.#untils.push(until);
    for (const change of ['new', 'changed'] as const) {
      if (!line.startsWith(marks[change])) continue;
      this.#add(line.slice(1));
      this.#changed[change].add(line.slice(1));
    }
    if (line.startsWith('/')) this.#add(line);
  }

  /** @param until When the last run wrote last. */
  end(until: number): void {
    this.#untils.push(until);
  }

  of(target: string): DoneBefore | undefined {
    if (!this.#done.has(target)) return undefined;
    let run = this.#untils.length - 1;
    while (run > 0 && !this.#later.has(`${run}${target}`)) run -= 1;
    const change = (['new', 'changed'] as const).find((change) => this.#changed[change].has(target));
    return { change: change ?? 'same', until: this.#untils[run]! };
  }

  #add(target: string): void {
    const run = this.#untils.length;
    this.#done.add(target);
    // A target begins with a slash: no number runs into it.
    if (run > 0) this.#later.add(`${run}${target}`);
  }
}
