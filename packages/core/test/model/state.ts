/**
 * One state of the model: one key, the files of its fills, its page, variant and meta, the list of its tag, and
 * how far each process is. All of it is a row of bytes, so that millions of states can be kept and compared.
 *
 * A call that follows a path and then changes what it found is two steps, as it is in a kernel: the folder that was
 * found may be somewhere else by then.
 */

/** Processes of one scenario at the most. */
export const ACTORS = 3;
/** No version. */
export const NONE = 0;
/** The version that is there when a scenario begins; process `n` renders version `n + 1`. */
export const OLD = ACTORS + 1;

/**
 * The parts of a page while it is stored, the file of who removes it, that of who tidies up behind a fill, the second name of the
 * meta of a page without variants, a page on its way into its folder, and the body of the page that it makes room for.
 */
export const parts = ['body', 'gz', 'meta', 'lock', 'idle', 'held', 'page', 'below'] as const;
export type Part = (typeof parts)[number];

/** How a process ended. */
export const Outcome = { none: 0, stored: 1, fenced: 2, busy: 3, hit: 4, purged: 5, failed: 6 } as const;

const Field = {
  page: 0,
  variant: 1,
  meta: 2,
  /** The same of the place in the folder: a place is three bytes. */
  innerPage: 3,
  innerVariant: 4,
  innerMeta: 5,
  /** Which folder of meta stands, `0` when none; a new one has another number than those that paths led to. */
  metaFolder: 6,
  /** Its folder of what is in the page's folder. */
  innerMetaFolder: 7,
  list: 8,
  /** Lists that a purge took: one bit a purge. */
  taken: 9,
  /** Versions that a finished purge covers: one bit a version. */
  forbidden: 10,
  /** Versions whose render began. */
  begun: 11,
  /** Processes that died. */
  dead: 12,
  /** Which folder stands where the page may. */
  folder: 13,
  /** Pages below, and their meta: one bit for each process that stores one. */
  below: 14,
  belowMeta: 15,
  /** Signs that keep pages from being moved: one bit a purge. */
  signs: 16,
} as const;
/** What is in the folder of fills: one bit for each part of each process, in three bytes. */
const FILES = 17;
const HEAD = 20;

const Own = {
  step: 0,
  /** The folder that a path led to. */
  target: 1,
  /** Versions that its purge covers. */
  covered: 2,
  tries: 3,
  saw: 4,
  outcome: 5,
  /** The version whose meta its own meta keeps. */
  before: 6,
  /** The place it is at: `1` is the one in the folder. */
  at: 7,
  rounds: 8,
  innerRounds: 9,
  /** What its parts are of, where not of its own version. */
  page: 10,
  gz: 11,
  meta: 12,
  /** Fills whose files it takes away: one bit each, as in `fillsOf`. */
  taking: 13,
  /** What it saw in a folder. */
  listed: 16,
} as const;
const BLOCK = 19;

type FieldName = keyof typeof Field;
type OwnName = Exclude<keyof typeof Own, 'taking' | 'listed'>;
/** What a place has. */
export type PlaceField = 'page' | 'variant' | 'meta';

/** Nothing is said about what comes next. */
const NO_HINT = { bit: 0 };

/** A state that one process at a time looks at and changes. */
export class State {
  readonly bytes: Buffer;
  /** The process whose turn it is. */
  me = 0;
  /** Which of several ways the file system goes, and how many there were. */
  choice = 0;
  choices = 1;
  /** Which file of several comes next, for who follows a real process. */
  hint = NO_HINT;

  constructor(bytes: Buffer = Buffer.alloc(HEAD + ACTORS * BLOCK)) {
    this.bytes = bytes;
  }

  get(field: FieldName): number {
    return this.bytes[Field[field]]!;
  }

  set(field: FieldName, value: number): void {
    this.bytes[Field[field]] = value;
  }

  own(name: OwnName, actor = this.me): number {
    return this.bytes[HEAD + actor * BLOCK + Own[name]]!;
  }

  setOwn(name: OwnName, value: number, actor = this.me): void {
    this.bytes[HEAD + actor * BLOCK + Own[name]] = value;
  }

  /** A mask of three bytes. */
  wide(name: 'listed' | 'taking', actor = this.me): number {
    return this.#mask(HEAD + actor * BLOCK + Own[name]);
  }

  setWide(name: 'listed' | 'taking', value: number, actor = this.me): void {
    this.#setMask(HEAD + actor * BLOCK + Own[name], value);
  }

  #mask(at: number): number {
    return this.bytes[at]! | (this.bytes[at + 1]! << 8) | (this.bytes[at + 2]! << 16);
  }

  #setMask(at: number, value: number): void {
    this.bytes[at] = value & 0xff;
    this.bytes[at + 1] = (value >> 8) & 0xff;
    this.bytes[at + 2] = (value >> 16) & 0xff;
  }

  /** Makes a folder where none stands. */
  makeFolder(field: 'metaFolder' | 'innerMetaFolder' | 'folder'): void {
    if (this.get(field) !== NONE) return;
    let number = 1;
    while (everybody.some((actor) => this.own('target', actor) === number)) number += 1;
    this.set(field, number);
  }

  /** One of several ways that the order of a listing or of calls at the same time leaves open. */
  choose(count: number): number {
    this.choices = count;
    return this.choice;
  }

  /** All files of fills. */
  get files(): number {
    return this.#mask(FILES);
  }

  set files(mask: number) {
    this.#setMask(FILES, mask);
  }

  has(bit: number): boolean {
    return (this.files & bit) !== 0;
  }

  put(bit: number): void {
    this.files |= bit;
  }

  drop(bit: number): void {
    this.files &= ~bit;
  }

  /** What is at the place where a process is. */
  here(field: PlaceField, at = this.own('at')): number {
    return this.bytes[Field[field] + at * 3]!;
  }

  setHere(field: PlaceField, value: number): void {
    this.bytes[Field[field] + this.own('at') * 3] = value;
  }

  /** Whether the meta that is there belongs to a version: it is that version's, or of one that keeps it. */
  fits(version: number, at = this.own('at')): boolean {
    const meta = this.here('meta', at);
    if (version === NONE || meta === NONE) return false;
    return meta === version || (meta <= ACTORS && this.own('before', meta - 1) === version);
  }

  isDead(actor: number): boolean {
    return (this.get('dead') & (1 << actor)) !== 0;
  }

  get key(): string {
    return this.bytes.toString('latin1');
  }
}

/** The bits of all parts of a process. */
export function filesOf(actor: number): number {
  return ((1 << parts.length) - 1) << (actor * parts.length);
}

/** The processes of a scenario at the most. */
const everybody = [...Array(ACTORS).keys()];

/** The bodies of pages below, which are fills of other keys. */
export const belows = everybody.reduce((mask, actor) => mask | bitOf(actor, 'below'), 0);

/** The bits of each fill: of every process, then those that are fills of their own: who tidies up, and the pages below. */
export const fillsOf: readonly number[] = [
  ...everybody.map((actor) => filesOf(actor) & ~bitOf(actor, 'idle') & ~belows),
  ...everybody.map((actor) => bitOf(actor, 'idle')),
  ...everybody.map((actor) => bitOf(actor, 'below')),
];

/** The bits of the files that say that somebody removes the page, or tidies up behind a fill. */
export const locks = everybody.reduce((mask, actor) => mask | bitOf(actor, 'lock') | bitOf(actor, 'idle'), 0);

/** The bit of a part of a process. */
export function bitOf(actor: number, part: Part): number {
  return 1 << (actor * parts.length + parts.indexOf(part));
}

/** The lowest bit of a mask, and what it stands for. */
export function lowest(mask: number): { bit: number; actor: number; part: Part } {
  const at = 31 - Math.clz32(mask & -mask);
  return { bit: 1 << at, actor: Math.floor(at / parts.length), part: parts[at % parts.length]! };
}

/** How many bits are set. */
export function count(mask: number): number {
  let bits = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits += 1;
  return bits;
}

/** The `n`-th bit that is set. */
export function nth(mask: number, n: number): number {
  let rest = mask;
  for (let skip = n; skip > 0; skip -= 1) rest &= rest - 1;
  return rest & -rest;
}
