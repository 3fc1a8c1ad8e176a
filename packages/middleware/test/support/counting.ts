/** A site whose pages tell a render from a stored page, and how many files are open. */
import { readdir, readlink } from 'node:fs/promises';
import { plain, type Site, site } from './site.ts';

const type = 'text/html; charset=utf-8';

/** A site whose pages say how often the application was asked. */
export async function counting(options = {}): Promise<Site & { asked: number }> {
  const made = Object.assign(
    await site(
      plain((req, res) => {
        made.asked += 1;
        res.writeHead(200, { 'Content-Type': type, 'X-Secret': 'no', 'Content-Language': 'en' });
        res.end(`<p>${req.url} ${made.asked}</p>`);
      }),
      options,
    ),
    { asked: 0 },
  );
  return made;
}

/** How many files below a folder this process has open (Linux; elsewhere nobody counts). */
export async function openFiles(dir: string): Promise<number> {
  const links = await readdir('/proc/self/fd').catch(() => []);
  const targets = await Promise.all(links.map((link) => readlink(`/proc/self/fd/${link}`).catch(() => '')));
  return targets.filter((target) => target.startsWith(dir)).length;
}

/** Asks again until it holds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate);
}
