import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { WarmOptions } from '../warm.ts';
import { Journal } from './journal.ts';

/** Opens the journal of a command, and says when there is an interrupted run to go on with. */
export function openJournal(
  options: WarmOptions,
  settings: ResolvedSettings,
  origin: string,
  cacheDir: string,
  onNotice: NonNullable<WarmOptions['onNotice']>,
): Journal {
  const { lists = [], lastmod, olderThan, refresh, robots, crawl, shard, host, exec, app } = options;
  // An application that we start may have another port each time.
  const site = options.origin ?? exec ?? app ?? origin;
  const command = JSON.stringify([site, host, lists, lastmod, olderThan, refresh, robots, crawl, shard]);
  const run = createHash('sha256').update(command).digest('hex').slice(0, 32);
  const { journal: file = join(cacheDir, '.pagetree', 'journal', run), restart } = settings;
  const journal = new Journal({ file, run, restart, required: settings.journal !== undefined });
  if (journal.size > 0) {
    const began = journal.resumedFrom!.toISOString().slice(0, 16).replace('T', ' ');
    const text = `going on with the run of ${began}, which has done ${journal.size} pages; --restart begins anew`;
    onNotice({ source: '--journal', text });
  }
  return journal;
}
