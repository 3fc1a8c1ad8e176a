import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { binOf } from '../bins.js';
import { expected } from '../children.js';
import { Visitor } from '../requests.js';
import { isHit, milliseconds } from './ask.js';

const purged = '/api/AbortController';
const removed = '/api/AbortController/signal';

/** Removes a page in both ways, and shows what the next two visitors get. */
export async function purge({ screen, children, folder, cacheDir }, { origin }) {
  const visitor = new Visitor(origin);
  screen.heading('4. Purge: gone at the next request');
  await visitor.get(purged);
  screen.command('cache-purge', purged, '--cache-dir ./cache');
  const args = [binOf('cache-purge'), purged, '--cache-dir', './cache'];
  screen.quote(await children.run('cache-purge', args, { cwd: folder }));
  screen.line();
  await missThenHit(screen, visitor, purged);

  screen.heading('5. Nothing but files: rm is a purge, too');
  await visitor.get(removed);
  screen.command('rm', `cache${removed}`);
  await rm(join(cacheDir, removed));
  screen.line();
  await missThenHit(screen, visitor, removed);
  visitor.leave();
}

async function missThenHit(screen, visitor, path) {
  const first = await visitor.get(path);
  // The first visitor does not wait for the disk, so a second one on its heels could be too early.
  await sleep(100);
  const second = await visitor.get(path);
  if (isHit(first.cacheStatus) || !isHit(second.cacheStatus)) {
    throw expected(`After the purge ${path} came as ${first.cacheStatus}, then as ${second.cacheStatus}.`);
  }
  const row = ({ cacheStatus, milliseconds: took }) => [path, milliseconds(took), cacheStatus];
  screen.table(['GET', 'time>', 'Cache-Status'], [row(first), row(second)]);
}
