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

/** The parts of a page while it is stored, the file of who removes it, and that of who tidies up behind a fill. */
export const parts = ['body', 'gz', 'meta', 'lock', 'idle'] as const;
export type Part = (typeof parts)[number];

/** How a process ended. */
export const Outcome = { none: 0, stored: 1, fenced: 2, busy: 3, hit: 4, purged: 5 } as const;

const Field = {
  page: 0,
  variant: 1,
  meta: 2,
  /** Which folder of meta stands, `0` when none; a new one has a new number. */
  metaFolder: 3,
  metaFolders: 4,
  list: 5,
  /** Lists that a purge took: one bit a purge. */
  taken: 6,
  /** Versions that a finished purge covers: one bit a version. */
  forbidden: 7,
  /** Versions whose render began. */
  begun: 8,
  /** Processes that died. */
  dead: 9,
} as const;
/** What is in the folder of fills: one bit for each part of each process, in two bytes. */
const FILES = 10;
const HEAD = 12;

const Own = {
  step: 0,
  /** The folder of meta that a path led to. */
  target: 1,
  /** Fills whose files it takes away: one bit each, as in `fillsOf`. */
  taking: 2,
  /** Versions that its purge covers. */
  covered: 3,
  tries: 4,
  saw: 5,
  /** What it saw in a folder, in two bytes. */
  listed: 6,
  outcome: 8,
  /** The version whose meta its own meta keeps. */
  before: 9,
} as const;
const BLOCK = 10;

type FieldName = keyof typeof Field;
type OwnName = keyof typeof Own;

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

  /** A mask of two bytes. */
  wide(name: 'listed', actor = this.me): number {
    const at = HEAD + actor * BLOCK + Own[name];
    return this.bytes[at]! | (this.bytes[at + 1]! << 8);
  }

  setWide(name: 'listed', value: number, actor = this.me): void {
    const at = HEAD + actor * BLOCK + Own[name];
    this.bytes[at] = value & 0xff;
    this.bytes[at + 1] = value >> 8;
  }

  /** One of several ways that the order of a listing or of calls at the same time leaves open. */
  choose(count: number): number {
    this.choices = count;
    return this.choice;
  }

  /** All files of fills. */
  get files(): number {
    return this.bytes[FILES]! | (this.bytes[FILES + 1]! << 8);
  }

  set files(mask: number) {
    this.bytes[FILES] = mask & 0xff;
    this.bytes[FILES + 1] = mask >> 8;
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

  /** Whether the meta that is there belongs to a version: it is that version's, or of one that keeps it. */
  fits(version: number): boolean {
    const meta = this.get('meta');
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

/** The bits of each fill: of every process, then of every process that tidies up, which is a fill of its own. */
export const fillsOf: readonly number[] = [
  ...[...Array(ACTORS).keys()].map((actor) => filesOf(actor) & ~bitOf(actor, 'idle')),
  ...[...Array(ACTORS).keys()].map((actor) => bitOf(actor, 'idle')),
];

/** The bits of the files that say that somebody removes the page. */
export const locks = [...Array(ACTORS).keys()].reduce((mask, actor) => mask | bitOf(actor, 'lock'), 0);

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
