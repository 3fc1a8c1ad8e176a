/** Asks a server in front of the tree for every stored page. */
import { setMaxListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { CacheOptions, Coding, ListedPage, Page, PageCache } from '@pagetree/core';
import type { ResolvedSettings } from '../config/resolve.ts';
import { WarmError } from '../errors.ts';
import { OriginClient } from '../fetch/client.ts';
import { explainFailure } from '../fetch/failure.ts';
import { Gate, type Heard } from '../fetch/gate.ts';
import { readRetryAfter, tooLate, waitBefore } from '../fetch/retry.ts';
import { digestOf } from '../fetch/stored.ts';
import type { Origin } from '../plan/origin.ts';
import { throughWindow } from '../plan/window.ts';
import type { UrlResult } from '../results.ts';
import { openWithLayout } from '../tree/open-tree.ts';
import { askFor, undoable } from './ask.ts';
import { difference, type Wanted } from './judge.ts';

/** What a server in front of the tree was found to do. */
export interface Verified {
  /** `http://127.0.0.1:80` */
  readonly server: string;
  /** Pages that were asked for. */
  readonly pages: number;
  /** Pages of which the server answers something else. */
  readonly differ: number;
  /** Pages with a variant that the server does not use, by coding. */
  readonly unused: Readonly<Partial<Record<Coding, number>>>;
  /** Neither a signal nor the time limit ended it early. */
  readonly complete: boolean;
  /** Why the server could not be asked at all. */
  readonly failure?: string;
}

/** How it is done, and who hears of it. */
export interface VerifyOptions {
  readonly cacheDir: string;
  /** Of the tree, where it is not built in. */
  readonly layout: CacheOptions['layout'];
  readonly server: Origin;
  readonly settings: ResolvedSettings;
  readonly signal: AbortSignal;
  readonly onVerified: (result: UrlResult) => void;
}

/** What the name of a variant ends in. */
const suffixes: Readonly<Record<Coding, string>> = { gzip: '.gz', br: '.br', zstd: '.zst' };
/** How often a page is compared again that changed while the server was asked for it. */
const mostChanges = 5;

/** What pages are compared with. */
interface Tools {
  readonly cache: PageCache;
  readonly client: OriginClient;
  readonly gate: Gate;
  readonly retries: number;
  readonly signal: AbortSignal;
}

/** What became of one page: a difference, codings that were not used; `undefined` when it is stored no more. */
type Compared = { readonly wrong?: string; readonly unused: readonly Coding[] } | undefined;

/**
 * Goes through the tree, some pages at a time, in memory that does not depend on their number.
 *
 * @throws {WarmError} `ERR_PAGETREE_ORIGIN` when nobody answers at all.
 */
async function verifyFront(options: VerifyOptions): Promise<Verified> {
  const { cacheDir, layout, server, settings, signal, onVerified } = options;
  const { concurrency, rate, delay, retries, times, host, connection } = settings;
  const { ca, rejectUnauthorized } = connection.connect as { ca?: string; rejectUnauthorized?: boolean };
  const cache = await openWithLayout(cacheDir, { io: 'direct', coalesce: false }, () => layout);
  const client = new OriginClient({
    ...{ origin: server, host, concurrency, times },
    // It is asked as a visitor asks: no token, and no field that may hold a secret of the origin.
    ...{ token: () => undefined, headers: {} },
    connect: {
      ...(ca === undefined ? {} : { ca }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    },
  });
  const gate = new Gate({ concurrency, rate, delay, signal });
  const tools: Tools = { cache, client, gate, retries, signal };
  const unused: Partial<Record<Coding, number>> = {};
  let pages = 0;
  let differ = 0;
  const stop = () => client.stop();
  // Each page that waits for another try listens to it.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const compare = async ({ key, place }: ListedPage) => {
      const compared = await comparePage(key, tools);
      if (compared === undefined || signal.aborted) return;
      pages += 1;
      const about = { url: server.href + key, place, source: '--verify', line: pages };
      for (const coding of compared.unused) unused[coding] = (unused[coding] ?? 0) + 1;
      if (compared.wrong === undefined) {
        onVerified({ ...about, outcome: 'present' });
      } else {
        differ += 1;
        onVerified({ ...about, outcome: 'failed', reason: 'front-end', detail: compared.wrong });
      }
    };
    await throughWindow(cache.list(), concurrency, signal, compare, () => gate.end());
  } finally {
    signal.removeEventListener('abort', stop);
    gate.end();
    await client.close();
    await cache.close();
  }
  return { server: server.href, pages, differ, unused, complete: !signal.aborted };
}

/**
 * As `verifyFront`, but tells of a server that does not answer, as of one that answers something else: what a run has done before
 * is told in any case.
 */
export async function verifyAtEnd(options: VerifyOptions): Promise<Verified> {
  try {
    return await verifyFront(options);
  } catch (error) {
    if (!(error instanceof WarmError) || error.code !== 'ERR_PAGETREE_ORIGIN') throw error;
    const failure = error.message.replace(/^The origin |\.$/g, '');
    return { server: options.server.href, pages: 0, differ: 0, unused: {}, complete: true, failure };
  }
}

/** Compares one page; again when it changed in the tree meanwhile. */
async function comparePage(key: string, tools: Tools): Promise<Compared> {
  for (let changes = 0; ; changes += 1) {
    const page = await storedPage(tools.cache, key);
    if (page === undefined) return undefined;
    try {
      const compared = await compareVersion(page, tools);
      if (compared?.wrong === undefined || changes === mostChanges) return compared;
      const now = (await tools.cache.why(key)).stored;
      if (now?.mtimeMs === page.mtimeMs && now.bytes === page.size) return compared;
    } finally {
      await page.close();
    }
  }
}

async function compareVersion(page: Page, tools: Tools): Promise<Compared> {
  const { key, contentType, size } = page;
  const digest = await digestOf(page);
  if (digest === undefined) return undefined;
  const unused: Coding[] = [];
  for (const coding of codingsOf(page, tools.cache.cacheDir)) {
    const asked = await askAgain(key, coding, { contentType, size, digest }, tools);
    if (asked === undefined) return undefined;
    if (asked.wrong !== undefined) {
      return { wrong: coding === 'identity' ? asked.wrong : `${coding}: ${asked.wrong}`, unused };
    }
    if (coding !== 'identity' && asked.coding === 'identity') unused.push(coding);
  }
  return { unused };
}

/** The codings of the files that lie there: a server uses one whether or not it belongs to the page. */
function codingsOf({ place }: Page, cacheDir: string): (Coding | 'identity')[] {
  const there = undoable.filter((coding) => existsSync(join(cacheDir, place + suffixes[coding])));
  return ['identity', ...there];
}

/** Asks until there is an answer that says something; `undefined` when the run is stopped. */
async function askAgain(
  key: string,
  coding: Coding | 'identity',
  wanted: Wanted,
  { client, gate, retries, signal }: Tools,
): Promise<{ readonly wrong?: string | undefined; readonly coding?: string } | undefined> {
  for (let tries = 1; ; tries += 1) {
    const turn = await gate.enter();
    if (turn === undefined) return undefined;
    let heard: Heard = { kind: 'answered' };
    let wrong: string | undefined;
    try {
      const answered = await askFor(client, key, coding, wanted.size);
      const { status, headers } = answered;
      wrong = difference(wanted, answered, coding);
      if (status === 429 || status === 503) {
        const retryAfter = readRetryAfter(headers['retry-after'], Date.now());
        heard = { kind: 'overloaded', retryAfter };
        const late = tooLate(status, retryAfter);
        if (late !== undefined) return { wrong: late };
      } else if (status === 502 || status === 504) heard = { kind: 'failed' };
      else return { wrong, coding: answered.coding };
    } catch (error) {
      if (error instanceof WarmError) throw error;
      const { reason, detail } = explainFailure(error);
      if (reason === 'stopped') return undefined;
      heard = { kind: 'failed' };
      wrong = detail;
    } finally {
      gate.leave(turn, heard);
    }
    if (tries > retries) return { wrong };
    const pause = waitBefore(
      tries,
      heard.kind === 'overloaded' ? heard.retryAfter : undefined,
      Math.random(),
    );
    await wait(pause, undefined, { signal }).catch(() => {});
  }
}

/** Opens a page that is there; nobody renders one that is not. */
async function storedPage(cache: PageCache, key: string): Promise<Page | undefined> {
  if ((await cache.why(key)).stored === undefined) return undefined;
  const found = await cache.lookup({ method: 'GET', target: key, headers: {} });
  if (found.kind === 'hit') return found.page;
  if (found.kind === 'miss') found.ticket?.abandon('closed');
  return undefined;
}
