/**
 * Runs actors on a file system in memory, one file call at a time, in every order that makes a difference. Two orders
 * that lead to the same files, and to actors that saw the same, are one: so the search is exhaustive and still ends.
 *
 * A crash of an actor is an order in which it never goes on, so every state on the way is judged as if all
 * processes had died in it.
 */
import type { MemoryFs } from '../store/memory-io.ts';
import { chance } from './chance.ts';

/** One process, as the scheduler sees it. */
export class Actor {
  readonly name: string;
  /** Its process number. */
  readonly pid: number;
  readonly pending: {
    label: string;
    act: () => unknown;
    done: (value: never) => void;
    fail: (error: unknown) => void;
  }[] = [];
  done = false;
  /** It was killed: it never goes on. */
  dead = false;
  failure: unknown;
  /** A hash of all it saw. */
  history = 0;
  #random = 0;

  constructor(name: string, pid: number) {
    this.name = name;
    this.pid = pid;
  }

  /** Asks for a step; it happens when the scheduler says so. */
  step<T>(label: string, act: () => T): Promise<T> {
    return new Promise<T>((done, fail) => {
      this.pending.push({ label, act, done, fail });
    });
  }

  /** Bytes that nobody else gets and that are the same in every order. */
  bytes(count: number): Buffer {
    this.#random += 1;
    const bytes = Buffer.alloc(count);
    bytes.writeUInt8(this.pid);
    bytes.writeUInt16BE(this.#random, count - 2);
    return bytes;
  }

  /** A part of a second that nobody else gets. */
  fraction(): number {
    this.#random += 1;
    return ((this.pid * 97 + this.#random * 13) % 997) / 997.5;
  }

  take(): string {
    const { label, act, done, fail } = this.pending.shift()!;
    let seen: string;
    try {
      const value = act();
      seen = shown(value);
      done(value as never);
    } catch (error) {
      seen = (error as NodeJS.ErrnoException).code ?? String(error);
      fail(error);
    }
    this.history = hash(`${this.history} ${label} ${seen}`);
    return `${this.name}: ${short(label)} -> ${seen.slice(0, 60)}`;
  }
}

/** Leaves out of a path what nobody can read. */
function short(label: string): string {
  return label
    .replaceAll(/[0-9a-f]{8}-\d+-1-[0-9a-f]{6}(\w\w)-(\w+)@[^/. ]*/g, '$1-$2@')
    .replaceAll(/\b([0-9a-f]{4})[0-9a-f]{28}\b/g, '$1')
    .replaceAll('/t/.pagetree/', ':');
}

/** What an actor learns from a result. Numbers of files and inodes are by chance and say nothing. */
function shown(value: unknown): string {
  if (value === undefined || typeof value === 'number') return 'ok';
  if (Buffer.isBuffer(value)) return `${value.length} bytes ${hash(value.toString('latin1'))}`;
  if (typeof value === 'object' && value !== null && 'ino' in value) {
    const { kind, size, mtimeMs } = value as unknown as { kind: string; size: number; mtimeMs: number };
    return `${kind} ${kind === 'folder' ? '' : size} ${mtimeMs}`;
  }
  return JSON.stringify(value);
}

/** cyrb53: 53 bits are enough for the states of one scenario. */
function hash(text: string): number {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}

/** What a scenario is made of, made anew for each order. */
export interface Play {
  readonly fs: MemoryFs;
  readonly actors: readonly { readonly actor: Actor; run(): Promise<void> }[];
  /** What else decides about the future and the judgement: the ghosts of the proof. */
  ghosts(): string;
  /** Judges a state that was not seen before; returns what is wrong with it. */
  judge(): Promise<string | undefined>;
  /** Who is dead, for those who ask. */
  isDead(pid: number): boolean;
  /** Judges the end of an order. */
  judgeEnd(): string | undefined;
}

export interface Explored {
  readonly states: number;
  readonly orders: number;
  /** Every order was tried. */
  readonly complete: boolean;
  /** The first thing that went wrong, with the order that led there. */
  readonly violation: { readonly what: string; readonly trace: readonly string[] } | undefined;
}

interface Branch {
  readonly before: Branch | undefined;
  readonly choice: number;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function fileState(fs: MemoryFs): string {
  let text = '';
  for (const { path, kind, bytes, mtimeMs } of fs.lines('/')) {
    text += `${path} ${kind} ${kind === 'file' ? `${bytes.length} ${hash(bytes.toString('latin1', 0, 64))} ${mtimeMs}` : ''}\n`;
  }
  return text;
}

/** Orders that are tried however slow the machine is. */
const LEAST = 30;

/** Tries every order, or as many as `limit` allows: then those that are left are tried in no particular order. */
export async function explore(
  makePlay: () => Promise<Play>,
  limit: { readonly milliseconds: number },
): Promise<Explored> {
  const seen = new Set<string>();
  const judged = new Set<number>();
  const open: (Branch | undefined)[] = [undefined];
  const until = performance.now() + limit.milliseconds;
  let orders = 0;
  let state = 12345;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % below;
  };
  while (open.length > 0 && (orders < LEAST || performance.now() < until)) {
    // From anywhere: when time runs out, what was tried is spread over all there is.
    const at = random(open.length);
    const branch = open[at];
    open[at] = open[open.length - 1];
    open.pop();
    orders += 1;
    const violation = await follow(makePlay, branch, seen, judged, open);
    if (violation) return { states: seen.size, orders, complete: false, violation };
  }
  return { states: seen.size, orders, complete: open.length === 0, violation: undefined };
}

async function follow(
  makePlay: () => Promise<Play>,
  branch: Branch | undefined,
  seen: Set<string>,
  judged: Set<number>,
  open: (Branch | undefined)[],
): Promise<Explored['violation']> {
  const choices: number[] = [];
  for (let back = branch; back !== undefined; back = back.before) choices.unshift(back.choice);
  const play = await makePlay();
  const trace: string[] = [];
  chance.dead = (pid) => play.isDead(pid);
  for (const { actor, run } of play.actors) {
    enter(actor);
    run().then(
      () => {
        actor.done = true;
      },
      (error) => {
        actor.done = true;
        actor.failure = error;
      },
    );
    await turn();
  }
  let here = branch;
  let last = choices.at(-1) ?? 0;
  try {
    for (let depth = 0; ; depth += 1) {
      const stuck = play.actors.find(({ actor }) => !actor.done && !actor.dead && actor.pending.length === 0);
      if (stuck) return { what: `${stuck.actor.name} waits for nothing`, trace };
      const failed = play.actors.find(({ actor }) => actor.failure !== undefined);
      if (failed)
        return { what: `${failed.actor.name} failed: ${(failed.actor.failure as Error).stack}`, trace };
      const enabled = play.actors.flatMap(({ actor }, index) => (actor.done || actor.dead ? [] : [index]));
      let choice = choices[depth];
      if (choice === undefined) {
        const files = fileState(play.fs);
        const key = `${hash(files)} ${play.ghosts()} ${play.actors.map(({ actor }) => `${actor.history}${actor.done}${actor.dead}`)}`;
        if (seen.has(key)) return undefined;
        seen.add(key);
        const judgement = hash(files + play.ghosts());
        if (!judged.has(judgement)) {
          judged.add(judgement);
          chance.bytes = undefined;
          chance.pid = 0;
          const what = await play.judge();
          if (what !== undefined) return { what, trace };
        }
        if (enabled.length === 0) {
          const what = play.judgeEnd();
          return what === undefined ? undefined : { what, trace };
        }
        choice = enabled.includes(last) ? last : enabled[0]!;
        for (const other of enabled) if (other !== choice) open.push({ before: here, choice: other });
        here = { before: here, choice };
      }
      last = choice;
      const { actor } = play.actors[choice]!;
      enter(actor);
      do {
        trace.push(actor.take());
        await turn();
      } while (isPrivate(actor));
    }
  } finally {
    chance.bytes = undefined;
    chance.fraction = undefined;
    chance.dead = () => false;
  }
}

/** Calls on open files that leave no trace for others, and learn nothing from them: when they are made makes no difference. */
const unseen = ['close ', 'fdatasync ', 'fchmod ', 'fstat '];

function isPrivate({ pending }: Actor): boolean {
  const label = pending[0]?.label;
  return label !== undefined && unseen.some((call) => label.startsWith(call));
}

/** Only one actor runs at a time, so chance can be handed to it. */
export function enter(actor: Actor): void {
  chance.pid = actor.pid;
  chance.bytes = (count) => actor.bytes(count);
  chance.fraction = () => actor.fraction();
}
