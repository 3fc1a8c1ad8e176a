import { SpillList } from './spill.ts';

/** How much is counted in memory. */
export interface CountRoom {
  /** The most targets. */
  readonly targets: number;
  /** About the most characters of all of them together. */
  readonly characters: number;
}

/** A few megabytes: enough for every page of most sites. */
const usualRoom: CountRoom = { targets: 50_000, characters: 4_000_000 };

/** A target and how often it was asked for. */
export interface Hits {
  readonly target: string;
  readonly hits: number;
  /** Where it stood first. */
  readonly line: number;
}

/**
 * Counts targets and gives them back with the hottest first, in bounded memory: when the room is full, the
 * colder half goes to a temporary file and comes last. A target that is asked for now and then over a whole log stays.
 */
export class Hottest {
  readonly #room: CountRoom;
  readonly #counts = new Map<string, { hits: number; readonly line: number }>();
  readonly #cold = new SpillList();
  #characters = 0;

  constructor(room: CountRoom = usualRoom) {
    this.#room = room;
  }

  add(target: string, line: number, weight = 1): void {
    const counted = this.#counts.get(target);
    if (counted !== undefined) {
      counted.hits += weight;
      return;
    }
    this.#counts.set(target, { hits: weight, line });
    this.#characters += target.length;
    if (this.#counts.size > this.#room.targets || this.#characters > this.#room.characters) this.#coolDown();
  }

  /**
   * Everything that was counted, the hottest first. What went to the file comes after that, in the order of the log;
   * a target may come a second time then.
   */
  *drain(): Generator<Hits> {
    try {
      for (const [target, { hits, line }] of this.#sorted()) yield { target, hits, line };
      this.#counts.clear();
      for (const text of this.#cold.drain()) yield parseCold(text);
    } finally {
      this.#cold.close();
    }
  }

  #sorted() {
    return [...this.#counts].sort(([, one], [, other]) => other.hits - one.hits || one.line - other.line);
  }

  #coolDown(): void {
    const sorted = this.#sorted();
    for (const [target, { hits, line }] of sorted.slice(Math.floor(sorted.length / 2))) {
      this.#cold.add(`${hits} ${line} ${target}`);
      this.#counts.delete(target);
      this.#characters -= target.length;
    }
  }
}

function parseCold(text: string): Hits {
  const first = text.indexOf(' ');
  const second = text.indexOf(' ', first + 1);
  return {
    hits: Number(text.slice(0, first)),
    line: Number(text.slice(first + 1, second)),
    target: text.slice(second + 1),
  };
}
