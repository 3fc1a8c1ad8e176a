/**
 * One state of the model: one key, the folder that it is filled in, its page, variant and meta, the list of its tag, and
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

/** The parts of a page while it is stored. */
export const parts = ['body', 'gz', 'meta'] as const;
export type Part = (typeof parts)[number];

/** Where the folder of a process is. */
export const Where = { nowhere: 0, draft: 1, fills: 2, trash: 3, gone: 4 } as const;

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
const HEAD = 10;

const Own = {
  step: 0,
  where: 1,
  /** What is in the folder: one bit for each part of each process, in two bytes. */
  holds: 2,
  /** The folder that a path led to, plus one. */
  source: 4,
  target: 5,
  /** Folders that it moved into the trash and empties. */
  graves: 6,
  /** Versions that its purge covers. */
  covered: 7,
  tries: 8,
  saw: 9,
  /** What it saw in a folder. */
  listed: 10,
  outcome: 12,
  /** The version whose meta its own meta keeps. */
  before: 13,
} as const;
const BLOCK = 14;

type FieldName = keyof typeof Field;
type OwnName = keyof typeof Own;

/** Nothing is said about what comes next. */
const NO_HINT = { folder: 31, bit: 0 };

/** A state that one process at a time looks at and changes. */
export class State {
  readonly bytes: Buffer;
  /** The process whose turn it is. */
  me = 0;
  /** Which of several ways the file system goes, and how many there were. */
  choice = 0;
  choices = 1;
  /** Which folder and file of several comes next, for who follows a real process. */
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
  wide(name: 'holds' | 'listed', actor = this.me): number {
    const at = HEAD + actor * BLOCK + Own[name];
    return this.bytes[at]! | (this.bytes[at + 1]! << 8);
  }

  setWide(name: 'holds' | 'listed', value: number, actor = this.me): void {
    const at = HEAD + actor * BLOCK + Own[name];
    this.bytes[at] = value & 0xff;
    this.bytes[at + 1] = value >> 8;
  }

  /** One of several ways that the order of a listing or of calls at the same time leaves open. */
  choose(count: number): number {
    this.choices = count;
    return this.choice;
  }

  /** Whose folder is the key's in `fills/`; `-1` when none is. */
  get holder(): number {
    for (let actor = 0; actor < ACTORS; actor += 1) {
      if (this.own('where', actor) === Where.fills) return actor;
    }
    return -1;
  }

  has(folder: number, bit: number): boolean {
    return (this.wide('holds', folder) & bit) !== 0;
  }

  put(folder: number, bit: number): void {
    this.setWide('holds', this.wide('holds', folder) | bit, folder);
  }

  drop(folder: number, bit: number): void {
    this.setWide('holds', this.wide('holds', folder) & ~bit, folder);
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
