/**
 * Threads that make pages beside the main one, when that has more to do than a processor can. Everything that is decided
 * once a run stays here: the gate, retries, the journal, the results. A thread gets a page and answers what became of it.
 */
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { CacheOptions } from '@pagetree/core';
import type { FetchStep } from '../plan/plan.ts';
import type { ClientOptions } from './client.ts';
import type { Heard } from './gate.ts';
import type { Tried } from './page.ts';
import type { PageRules } from './tools.ts';

/** What a thread is begun with. */
export interface HandData {
  readonly tree: CacheOptions;
  /** The longest that a response may take. */
  readonly seconds: number;
  readonly client: Omit<ClientOptions, 'token'>;
  readonly rules: PageRules;
}

/** One page, and the redirects that were followed to it. */
export interface Wanted {
  readonly step: FetchStep;
  readonly way?: readonly string[];
}

/** What a thread is told. */
export type Order =
  | { readonly pages: readonly (Wanted & { readonly id: number })[] }
  /** Ends every request that runs. */
  | 'stop'
  /** Ends the thread when it is done with its pages. */
  | 'close';

/** What a thread tells of one page. */
export interface Told {
  readonly id: number;
  /** The whole of it has come. */
  readonly body?: Heard;
  /** What became of it. */
  readonly tried?: Tried;
  /** Pages that redirects led to. */
  readonly keys?: readonly string[];
  /** It could not be tried: the main thread does, and throws what there is to throw. */
  readonly broken?: true;
}

/** Makes one page. */
export type MakePage = (wanted: Wanted, onBody: (heard: Heard) => void) => Promise<Tried>;

/** So many pages are made between two looks at how busy this thread is, and so busy it must be. */
const every = 256;
const busy = 0.8;
/** More threads would wait for the file system. */
const most = 3;

interface CrewOptions {
  readonly data: HandData;
  /** Makes a page in this thread. */
  readonly here: MakePage;
  readonly onKey: (target: string) => void;
  /** @default one less than there are processors */
  readonly threads?: number;
}

/** Makes pages here, and in threads as soon as that is too slow. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #most: number;
  readonly #hands: Hand[] = [];
  #here = 0;
  #pages = 0;
  #usage = performance.eventLoopUtilization();
  #stopped = false;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#most = options.threads ?? Math.min(most, availableParallelism() - 1);
  }

  /** How many threads make pages beside this one. */
  get threads(): number {
    return this.#hands.filter((hand) => hand.isReady).length;
  }

  readonly make: MakePage = async ({ step, way = [] }, onBody) => {
    this.#pages += 1;
    if (this.#pages % every === 0) this.#growWhenBusy();
    const hand = this.#idlest();
    if (hand !== undefined) {
      const tried = await hand.make({ step, way }, onBody);
      // A thread that broke gives its pages back.
      if (tried !== undefined) return tried;
    }
    this.#here += 1;
    try {
      return await this.#options.here({ step, way }, onBody);
    } finally {
      this.#here -= 1;
    }
  };

  /** Ends every request that runs in a thread. */
  stop(): void {
    this.#stopped = true;
    for (const hand of this.#hands) hand.tell('stop');
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#hands.map((hand) => hand.close()));
  }

  #growWhenBusy(): void {
    const { utilization } = performance.eventLoopUtilization(this.#usage);
    this.#usage = performance.eventLoopUtilization();
    const isGrown = this.#hands.length >= this.#most || this.#hands.some((hand) => !hand.isReady);
    if (isGrown || this.#stopped || utilization < busy) return;
    try {
      this.#hands.push(new Hand(this.#options));
    } catch {
      // Something in the options can't be told to a thread, or there can be no more: this one makes them all.
      this.#stopped = true;
    }
  }

  /** The thread with the fewest pages; `undefined`: this one. */
  #idlest(): Hand | undefined {
    let idlest: Hand | undefined;
    let least = this.#here;
    for (const hand of this.#hands) {
      if (!hand.isReady || hand.pages > least) continue;
      idlest = hand;
      least = hand.pages;
    }
    return idlest;
  }
}

interface Waiting {
  readonly onBody: (heard: Heard) => void;
  readonly resolve: (tried: Tried | undefined) => void;
}

/** One thread. */
class Hand {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #onKey: (target: string) => void;
  readonly #waiting = new Map<number, Waiting>();
  #unsent: (Wanted & { readonly id: number })[] = [];
  #count = 0;
  /** It has loaded what it needs, and lives. */
  isReady = false;

  constructor({ data, onKey }: CrewOptions) {
    this.#onKey = onKey;
    const program = new URL(`./hand${extname(import.meta.url)}`, import.meta.url);
    // What a program was begun with (modules to load first, ...) is not for a thread of ours.
    this.#worker = new Worker(program, { workerData: data, execArgv: [] });
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#giveBack();
        resolve();
      });
    });
    this.#worker.on('error', () => this.#giveBack());
    this.#worker.on('message', (told: 'ready' | readonly Told[]) => {
      if (told === 'ready') this.isReady = true;
      else for (const one of told) this.#hear(one);
    });
  }

  /** How many pages it has in hand. */
  get pages(): number {
    return this.#waiting.size;
  }

  /** `undefined`: it could not be tried. */
  make(wanted: Wanted, onBody: (heard: Heard) => void): Promise<Tried | undefined> {
    this.#count += 1;
    const id = this.#count;
    return new Promise((resolve) => {
      this.#waiting.set(id, { onBody, resolve });
      // All pages of one turn go in one message.
      if (this.#unsent.push({ id, ...wanted }) === 1) setImmediate(() => this.#send());
    });
  }

  tell(order: Order): void {
    this.#worker.postMessage(order);
  }

  async close(): Promise<void> {
    if (this.isReady) this.tell('close');
    else await this.#worker.terminate();
    await this.#ended;
  }

  #send(): void {
    const pages = this.#unsent;
    this.#unsent = [];
    if (pages.length > 0) this.tell({ pages });
  }

  #hear({ id, body, tried, keys = [], broken }: Told): void {
    const waiting = this.#waiting.get(id);
    if (body !== undefined) waiting?.onBody(body);
    for (const key of keys) this.#onKey(key);
    if (tried === undefined && broken !== true) return;
    this.#waiting.delete(id);
    waiting?.resolve(tried);
  }

  #giveBack(): void {
    this.isReady = false;
    this.#unsent = [];
    for (const { resolve } of this.#waiting.values()) resolve(undefined);
    this.#waiting.clear();
  }
}
