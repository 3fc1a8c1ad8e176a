/**
 * Usage: how many pages and bytes a tree has, without a walk when a page is stored. Each process writes down what it added
 * and removed, and what it is about to add; a count by a walk writes the truth, and how far each process's notes had come by
 * then. The sum of the truth and what was noted since is the usage. What this process does counts at once, what others do as of
 * the last time that notes were written and read.
 */
import { quietly } from './io.ts';
import {
  type Amount,
  type Counted,
  differenceOf,
  type FoundNote,
  isAmount,
  NONE,
  sumOf,
  UsageFiles,
  type UsageFilesContext,
} from './usage-files.ts';

interface UsageContext extends UsageFilesContext {
  /** The tree has bounds here, so that others have to know of this process. */
  readonly bounded: boolean;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Counts the tree by a walk. */
  readonly recount: () => Promise<Amount>;
  /** Keeps the process's end waiting for the work. */
  readonly track: (work: Promise<unknown>) => void;
}

/** How often notes are written and read, in milliseconds, unless somebody has to know now. */
const EVERY = 1000;
/** How old a count is, in milliseconds, before another one is made for doubts about it: what bounds the walks. */
const RECOUNT = 60_000;
/** So many notes of processes that are gone are worth a walk that makes them superfluous. */
const CROWD = 100;

/** The usage of one tree, as one process sees it. */
export class Usage {
  readonly #context: UsageContext;
  readonly #files: UsageFiles;
  #own = NONE;
  #reserved = NONE;
  /** What others know of this process. */
  #shared = NONE;
  #others: Amount | undefined;
  #writers = 1;
  #isDoubted = false;
  #hasNote = false;
  #at = Number.NEGATIVE_INFINITY;
  #exchanging: Promise<void> | undefined;
  #counting: Promise<boolean> | undefined;

  constructor(context: UsageContext) {
    this.#context = context;
    this.#files = new UsageFiles(context);
  }

  /** What the tree has, with what is about to be added; `undefined` until it was counted for the first time. */
  get total(): Amount | undefined {
    if (this.#others === undefined) return undefined;
    const { pages, bytes } = sumOf(this.#others, sumOf(this.#own, this.#reserved));
    return { pages: Math.max(0, pages), bytes: Math.max(0, bytes) };
  }

  /** What this process added since it told others. */
  get unshared(): Amount {
    return differenceOf(sumOf(this.#own, this.#reserved), this.#shared);
  }

  /** How many caches store in the tree, this one among them. */
  get writers(): number {
    return this.#writers;
  }

  /** What others did is not known for longer than a second. */
  get isOld(): boolean {
    return this.#context.monotonic() - this.#at >= EVERY;
  }

  /** Notes that this process added, or with negative figures removed, pages. */
  changed(pages: number, bytes: number): void {
    this.#own = sumOf(this.#own, { pages, bytes });
  }

  /** Notes that this process is about to add so much; until the returned call it counts as if it were there. */
  reserve(amount: Amount): () => void {
    this.#reserved = sumOf(this.#reserved, amount);
    return () => {
      this.#reserved = differenceOf(this.#reserved, amount);
    };
  }

  /** The figures look wrong: they are counted anew with the next exchange, unless the last count is a minute old at most. */
  doubt(): void {
    this.#isDoubted = true;
  }

  /** Writes down what this process did and reads what others did, at most once a second. Never rejects. */
  async refresh(): Promise<void> {
    if (this.isOld) await (this.#exchanging ?? this.#begin());
  }

  /** The same now: all that happened here before the call is written down when it resolves. Never rejects. */
  async exchange(): Promise<void> {
    await this.#exchanging;
    await (this.#exchanging ?? this.#begin());
  }

  /** Counts the tree anew: what was removed by hand is in no notes. Never rejects. Returns whether it could be done. */
  async recount(count?: () => Promise<Amount>): Promise<boolean> {
    while (this.#counting) await this.#counting;
    return this.#beginToCount(count);
  }

  /** Counts the tree anew if anybody keeps to bounds in it. Never rejects. */
  async recountIfKept(): Promise<void> {
    if (await this.#isKept()) await this.recount();
  }

  /** The last note of this process. It is worth nothing where nobody keeps to bounds. Never rejects. */
  async close(): Promise<void> {
    while (this.#exchanging) await this.#exchanging;
    const { bounded } = this.#context;
    const hasNews = this.#own.pages !== 0 || this.#own.bytes !== 0;
    if (!bounded && !this.#hasNote && !(hasNews && (await this.#isKept()))) return;
    await quietly(() => this.#files.writeNote({ ...this.#own, reserved: NONE, closed: true }));
  }

  async #isKept(): Promise<boolean> {
    let counted: Counted | undefined;
    await quietly(async () => {
      counted = await this.#files.readCounted();
    });
    return counted !== undefined;
  }

  #begin(): Promise<void> {
    this.#at = this.#context.monotonic();
    this.#exchanging = quietly(() => this.#exchange()).finally(() => {
      this.#exchanging = undefined;
    });
    return this.#exchanging;
  }

  #beginToCount(count?: () => Promise<Amount>): Promise<boolean> {
    this.#counting = this.#count(count ?? this.#context.recount)
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        this.#counting = undefined;
      });
    return this.#counting;
  }

  /** @throws the error of the file system; then what is known stays as it was. */
  async #exchange(): Promise<void> {
    await this.#writeNote();
    // In this order: a note that is gone by now is in the count that is read next.
    const notes = await this.#files.readNotes();
    const counted = await this.#files.readCounted();
    if (counted === undefined) {
      await (this.#counting ?? this.#beginToCount());
      return;
    }
    this.#sum(counted, notes);
    // Nobody waits for a count that is only better than the one there is.
    if (this.#isDue(counted, notes) && !this.#counting) this.#context.track(this.#beginToCount());
    this.#isDoubted = false;
  }

  /** @throws as `#exchange`. */
  async #count(count: () => Promise<Amount>): Promise<void> {
    const files = this.#files;
    await this.#writeNote();
    // Read before the walk: what is stored during it is then counted twice at worst, until the next count.
    const notes = await files.readNotes();
    const before = [...notes].map(([name, { pages, bytes }]) => [name, { pages, bytes }] as const);
    const { pages, bytes } = await count();
    const counted = { pages, bytes, at: this.#context.now(), notes: Object.fromEntries(before) };
    await files.writeCounted(counted);
    await files.forget([...notes].filter(([, { over }]) => over !== undefined).map(([name]) => name));
    this.#sum(counted, await files.readNotes());
  }

  async #writeNote(): Promise<void> {
    if (!this.#context.bounded && sumOf(this.#own, this.#reserved).pages === 0 && !this.#hasNote) return;
    const [own, reserved] = [this.#own, this.#reserved];
    await this.#files.writeNote({ ...own, reserved, closed: false });
    this.#hasNote = true;
    this.#shared = sumOf(own, reserved);
  }

  /** A process that died took with it what it had not noted yet. */
  #isDue({ at }: Counted, notes: ReadonlyMap<string, FoundNote>): boolean {
    const age = this.#context.now() - at;
    if (age >= 0 && age < RECOUNT) return false;
    const gone = [...notes.values()].filter(({ over }) => over !== undefined);
    return this.#isDoubted || gone.length >= CROWD || gone.some(({ over }) => over === 'died');
  }

  #sum(counted: Counted, notes: ReadonlyMap<string, FoundNote>): void {
    let others: Amount = { pages: counted.pages, bytes: counted.bytes };
    this.#writers = 1;
    for (const [name, note] of notes) {
      const before = counted.notes[name];
      if (isAmount(before)) others = differenceOf(others, before);
      // What this process did itself is added when it is asked for, so that it is never a second old.
      if (name === this.#files.name) continue;
      // Who died may have put what it had reserved in place: it counts until the tree is counted.
      others = sumOf(others, sumOf(note, note.reserved));
      if (note.over === undefined) this.#writers += 1;
    }
    this.#others = others;
  }
}
