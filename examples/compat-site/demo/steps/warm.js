import { binOf } from '../bins.js';
import { expected } from '../children.js';
import { bytes, count } from '../screen.js';

/** For a tree that is thrown away in a minute. Both are what a site that stays would not say. */
const quick = ['--variants none', '--durability none'];

/** Fetches every page once and keeps each one as a file. */
export async function warm({ screen, children, folder }, { origin, paths }) {
  screen.heading('1. Warm: every page is fetched once, and kept as a file');
  const pieces = ['urls.txt', '--cache-dir ./cache', `--origin ${origin}`, ...quick];
  screen.command('cache-warm', ...pieces);
  const args = [binOf('cache-warm'), ...pieces.join(' ').split(' '), '--json'];
  const summary = JSON.parse(await children.run('cache-warm', args, { cwd: folder, stderr: 'inherit' }));
  if (summary.stored !== paths.length) {
    throw expected(`${count(summary.stored)} of ${count(paths.length)} pages were stored.`);
  }
  screen.line();
  screen.table(
    ['pages>', 'seconds>', 'pages a second>', 'bytes>'],
    [
      [
        count(summary.stored),
        summary.seconds.toFixed(1),
        count(summary.pagesPerSecond),
        bytes(summary.bytes),
      ],
    ],
  );
  screen.line();
  screen.note(
    'The last two options hurry, for a tree that is soon removed: without them each page gets a gzip ' +
      'and a brotli copy beside it, and is flushed to the disk.',
  );
}
