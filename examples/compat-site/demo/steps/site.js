import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failure } from '../children.js';
import { count } from '../screen.js';

const server = fileURLToPath(new URL('../../server.js', import.meta.url));

/** Starts the site with a page cache in front of it, and makes the list of its URLs. */
export async function startSite({ screen, children, folder, cacheDir, port, urls, keep }) {
  screen.line(screen.bold('Pagetree: a page cache of plain files'));
  screen.line();
  const child = children.start('The site', [server, '--port', `${port}`, '--cache-dir', cacheDir], {
    serves: true,
  });
  const listens = originOf(child);
  // It is awaited below, and a site that ends at once must not be an unheard rejection until then.
  listens.catch(() => {});
  // The data of the site takes a moment to load: the server and we do it at the same time.
  const { cacheablePaths } = await import('../../paths.js');
  const paths = [...cacheablePaths()].slice(0, urls);
  await writeFile(join(folder, 'urls.txt'), paths.map((path) => `${path}\n`).join(''));
  const origin = await listens;
  screen.table(
    ['', ''],
    [
      ['The site', `${origin}, an Express application of ${count(paths.length)} pages`],
      ['Its pages', `${cacheDir}${keep ? '' : ', removed at the end'}`],
    ],
  );
  return { origin, paths };
}

async function originOf(child) {
  const { process: running } = child;
  const ended = once(running, 'close').then(() => {
    throw failure(child);
  });
  ended.catch(() => {});
  for (;;) {
    const origin = /listens on (http:\S+)\n/.exec(child.stdout)?.[1];
    if (origin !== undefined) return origin;
    await Promise.race([once(running.stdout, 'data'), ended]);
  }
}
