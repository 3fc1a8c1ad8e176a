import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { WarmOptions } from '../warm.ts';
import { Journal } from './journal.ts';

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

/** Stands for a command: what a run of another one has done is not taken for this one's. */
export function runOf(options: WarmOptions, origin: string): string {
  const { cacheDir, exec, app, header = [], urls } = options;
  const rest = Object.entries(options)
    .filter(([name, value]) => !changeNothing.has(name) && value !== undefined && typeof value !== 'function')
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const command = [
    resolve(cacheDir),
    // An application that we start may have another port each time.
    options.origin ?? exec ?? app ?? origin,
    // Names only: values may be secrets, and a hash can be tried out.
    header.map((line) => line.split(':', 1)[0]!.toLowerCase()),
    Array.isArray(urls) ? urls : [],
    rest,
  ];
  return createHash('sha256').update(JSON.stringify(command)).digest('hex').slice(0, 32);
}

/** Where a run keeps its journal when nobody names a file. */
export function journalIn(cacheDir: string, run: string): string {
  return join(cacheDir, '.pagetree', 'journal', run);
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
    const began = journal.resumedFrom!.toISOString().slice(0, 16).replace('T', ' ');
    const text = `going on with the run of ${began}, which has done ${journal.size} pages; --restart begins anew`;
    onNotice({ source: '--journal', text });
  }
  return journal;
}
