/** Which journal is that of a command. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Connection } from '../config/connection.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { WarmOptions } from '../warm.ts';
import { canGoOn, Journal } from './journal.ts';

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/**
 * Options that change neither which pages a run stores nor how they look: how politely they are fetched, what the run
 * must reach, and who hears of it. A run goes on with one that had others of these.
 */
const changeNothing: ReadonlySet<string> = new Set<keyof WarmOptions>([
  ...(['concurrency', 'rate', 'delay', 'timeout', 'connectTimeout', 'firstByteTimeout', 'retries'] as const),
  ...(['failOn', 'minPages', 'maxTime', 'prune', 'maxShrink', 'keep', 'keepFailed', 'verify'] as const),
  ...(['execCount', 'execTimeout', 'journal', 'restart', 'drain', 'dryRun', 'signal'] as const),
  // They prove who we are, and are no part of the page.
  ...(['ca', 'cert', 'key', 'insecure', 'passwordFile'] as const),
  ...(['cacheDir', 'origin', 'exec', 'app', 'header', 'urls'] as const),
]);

/** What a run is asked to do, as far as another one that is to go on with it must be asked the same. */
export interface Command {
  readonly plain: string;
  /** The values of header fields and cookies; `undefined` when it has none. */
  readonly secret: string | undefined;
}

export function commandOf(
  options: WarmOptions,
  origin: string,
  { headers, cookies }: Pick<Connection, 'headers' | 'cookies'>,
): Command {
  const { cacheDir, exec, app, header = [], urls, user } = options;
  const rest = Object.entries(options)
    .filter(([name, value]) => !changeNothing.has(name) && value !== undefined && typeof value !== 'function')
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const plain = [
    resolve(cacheDir),
    // An application that we start may have another port each time.
    options.origin ?? exec ?? app ?? origin,
    header.map((line) => line.split(':', 1)[0]!.toLowerCase()),
    Array.isArray(urls) ? urls : [],
    rest,
  ];
  // A password proves who we are, as a key does.
  const fields = Object.entries(headers).filter(([name]) => name !== 'authorization' || user === undefined);
  const hasSecret = fields.length > 0 || cookies.length > 0;
  return {
    plain: JSON.stringify(plain),
    secret: hasSecret ? JSON.stringify([fields, cookies]) : undefined,
  };
}

/**
 * Stands for a command: what a run of another one has done is not taken for this one's. Values may be secrets, and a plain
 * hash can be tried out by whoever reads a journal; with the token of the tree in it, only by who may read that.
 *
 * @param token Of the tree. Without one, a command with secrets is none that came before.
 */
export function runOf({ plain, secret }: Command, token: string | undefined): string {
  const hash = createHash('sha256').update(plain);
  if (secret !== undefined) {
    hash.update(token === undefined ? randomBytes(32) : createHmac('sha256', token).update(secret).digest());
  }
  return hash.digest('hex').slice(0, 32);
}

/** Where a run keeps its journal when nobody names a file. */
export function journalIn(cacheDir: string, run: string): string {
  return join(cacheDir, '.pagetree', 'journal', run);
}

/** Whether an interrupted run of a command has left a tree that can be gone on with. */
export function hasLeft(command: Command, cacheDir: string): boolean {
  const run = runOf(command, tokenIn(cacheDir));
  return canGoOn(journalIn(cacheDir, run), run);
}

/** The token of a tree that is not open; `undefined` when it has none that may be read. */
function tokenIn(cacheDir: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(join(cacheDir, '.pagetree', 'token'), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    return readFileSync(descriptor, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Opens the journal of a command, and says when there is an interrupted run to go on with. */
export function openJournal(
  run: string,
  { journal: named, restart }: ResolvedSettings,
  cacheDir: string,
  onNotice: NonNullable<WarmOptions['onNotice']>,
): Journal {
  const file = named ?? journalIn(cacheDir, run);
  const journal = new Journal({ file, run, restart, required: named !== undefined });
  if (journal.size > 0) {
    const began = new Date(journal.resumed!.from).toISOString().slice(0, 16).replace('T', ' ');
    const text = `going on with the run of ${began}, which has done ${journal.size} pages; --restart begins anew`;
    onNotice({ source: '--journal', text });
  }
  return journal;
}
