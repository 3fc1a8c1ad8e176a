/** Plays each case with the cache off and on, on servers that run all the while, and compares. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CacheEvent, type CacheOptions, createPageCache, type PageCache } from '@pagetree/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillsIn } from '../support/site.ts';
import type { Adapter, Need, Served } from './adapter.ts';
import type { Client } from './client.ts';
import { clientOf } from './clients.ts';
import { ProcessErrors } from './process-errors.ts';
import { NOBODY_ANSWERS, type Played, type Run, Stage } from './stage.ts';

/** One case: what the application does, what the client does, and what becomes of the page. */
export interface Case extends Played {
  /** What the client does. @default asks once and reads to the end */
  readonly client?: (client: Client, run: Run, failed: () => Promise<unknown>) => Promise<void>;
  /** What the cache says became of each request, sorted. `null`: it depends on the framework, and hits are tested elsewhere. */
  readonly fates?: readonly string[] | null;
  /** The same where a framework makes another response of it. */
  readonly fatesOn?: Readonly<Record<string, readonly string[]>>;
  readonly needs?: readonly Need[];
}

/** In milliseconds. */
const PATIENCE = 8000;

export type Cases = Readonly<Record<string, Case>>;

/** A server of the suite, with what it stands on. */
export interface Playing {
  readonly stage: Stage;
  readonly served: Served;
  readonly port: number;
  readonly events: CacheEvent[];
  readonly cache: PageCache | undefined;
  readonly dir: string | undefined;
  stop(): Promise<void>;
}

/**
 * Starts an adapter's site, with a cache of its own or without.
 *
 * @param options what the cache is told beside its folder.
 * @param tree the folder of a tree that others use too. @default a new one
 */
export async function startPlaying(
  adapter: Adapter,
  isOn: boolean,
  tree?: string,
  options: Partial<CacheOptions> = {},
): Promise<Playing> {
  const events: CacheEvent[] = [];
  const root = isOn && tree === undefined ? await mkdtemp(join(tmpdir(), 'pagetree-adapters-')) : undefined;
  const dir = tree ?? (root && join(root, 'cache'));
  const cache = dir
    ? createPageCache({
        cacheDir: dir,
        durability: 'none',
        ...options,
        onEvent: (event) => events.push(event),
      })
    : undefined;
  const stage = new Stage();
  const served = await adapter.serve(stage, cache);
  stage.watch(served.server);
  served.server.listen(0, '127.0.0.1');
  await once(served.server, 'listening');
  return {
    stage,
    served,
    port: (served.server.address() as AddressInfo).port,
    events,
    cache,
    dir,
    stop: async () => {
      await served.stop();
      await cache?.close();
      if (root) await rm(root, { recursive: true, force: true });
    },
  };
}

/** What a case needs of an adapter. */
export function needsOf({ onNode, above, below, needs = [] }: Case): readonly Need[] {
  const all: Need[] = [...needs];
  if (onNode) all.push('node response');
  if (above ?? below) all.push('connect middleware');
  return all;
}

/** Why an adapter can't play a case; nothing when it can. */
export function lacking(adapter: Adapter, played: Case): string | undefined {
  return needsOf(played)
    .map((need) => adapter.lacks[need])
    .find((reason) => reason !== undefined);
}

/** Runs all cases that each adapter can play. */
export function suite(adapters: readonly Adapter[], cases: Cases): void {
  describe.each(adapters.map((adapter) => [adapter.name, adapter] as const))('%s', (_, adapter) => {
    let off: Playing;
    let on: Playing;
    beforeAll(async () => {
      off = await startPlaying(adapter, false);
      // Who waits for somebody else's page waits for longer than a case may take.
      on = await startPlaying(adapter, true, undefined, { coalesceTimeout: 60_000 });
    });
    afterAll(async () => {
      await on.cache?.close();
      const left = await fillsIn(on.dir!);
      await off.stop();
      await on.stop();
      expect(left).toEqual([]);
    });
    for (const [at, [title, played]] of Object.entries(cases).entries()) {
      if (lacking(adapter, played)) continue;
      it(title, async () => {
        const path = await whenNotTooBusy(on, `/case${at}`, async (path) => {
          const without = await playCase(adapter, off, played, path);
          const withCache = await playCase(adapter, on, played, path);
          // A difference that is gone must not be listed any more.
          if (adapter.differs?.[title]) expect(withCache).not.toEqual(without);
          else expect(withCache).toEqual(without);
        });
        if (adapter.differs?.[title]) return;
        const fates =
          played.fatesOn?.[adapter.name] ?? (played.fates === undefined ? ['stored'] : played.fates);
        if (fates !== null) {
          // A page of megabytes takes its time to be compressed where others compute as well.
          const looking = { interval: 2, timeout: PATIENCE };
          await expect.poll(() => fatesOf(on.events, path), looking).toEqual(fates);
        }
        // A machine that does much else is too busy for a while.
      }, 120_000);
    }
  });
}

/**
 * Does something with a server until it was not too busy to store a page meanwhile, each time with a path of its own.
 *
 * @returns the path of the last time.
 */
export async function whenNotTooBusy(
  { events }: Playing,
  path: string,
  step: (path: string) => Promise<void>,
): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    const tried = `${path}x${tries}`;
    events.length = 0;
    await step(tried);
    if (!events.some((event) => 'reason' in event && event.reason === 'too-busy')) return tried;
    // The cache looks every 50 ms whether there is time for it again.
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
}

/** Everything that was seen of one run: by the client, by the application, by the process. */
async function playCase(adapter: Adapter, playing: Playing, played: Case, path: string): Promise<unknown> {
  const run = playing.stage.play(played, path);
  const client = clientOf(adapter, playing.port, path);
  const errors = new ProcessErrors();
  try {
    await inTime(
      (played.client ?? asksOnce)(client, run, () => errors.first),
      'the client waits',
    );
  } finally {
    client.close();
    await inTime(playing.stage.alone(), 'a connection stays open');
    // What fails late fails in the turns that follow.
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    errors.stop();
  }
  return { heard: client.heard(), log: run.log, process: errors.seen };
}

/** Reads to the end, or until the process hears of an error: then nobody answers any more. */
async function asksOnce(client: Client, run: Run, failed: () => Promise<unknown>): Promise<void> {
  await Promise.race([client.open().done(), failed(), run.hear(NOBODY_ANSWERS)]);
}

/** Fails where something hangs, so that the next case finds a server that nobody waits on. */
async function inTime(done: Promise<unknown>, otherwise: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(otherwise)), PATIENCE);
  });
  await Promise.race([done, late]).finally(() => clearTimeout(timer));
}

/** What became of the requests: stored, or why not. */
function fatesOf(events: readonly CacheEvent[], path: string): string[] {
  const fates: string[] = [];
  for (const event of events) {
    if ('key' in event && event.key !== path && !event.key?.startsWith(`${path}-`)) continue;
    if (event.type === 'stored' || event.type === 'hit') fates.push(event.type);
    else if (event.type === 'refused' || event.type === 'aborted' || event.type === 'bypass')
      fates.push(`${event.type}: ${event.reason}`);
    else if (event.type === 'miss' && event.reason !== undefined) fates.push(`miss: ${event.reason}`);
    else if (event.type === 'error') fates.push(`error: ${event.error.message}`);
  }
  return fates.sort();
}
