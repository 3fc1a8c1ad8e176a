import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';

const folder = 'api/AbortController';

/** Shows a few files of the tree: their names are the URLs of the site. */
export async function look({ screen, cacheDir }) {
  screen.heading('3. Look: the tree has the shape of the site');
  screen.command(`find cache/${folder}`, '-type f');
  for (const file of await pagesBelow(cacheDir, folder)) screen.quote(`cache/${file}`);
  screen.line();
  screen.note(
    `/${folder} is a page and has pages below it: where a folder stands, the page moves in as __page.html.`,
  );
}

async function pagesBelow(cacheDir, path) {
  const entries = await readdir(join(cacheDir, path), { withFileTypes: true });
  const found = [];
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const below = posix.join(path, entry.name);
    if (entry.isDirectory()) found.push(...(await pagesBelow(cacheDir, below)));
    else found.push(below);
  }
  return found;
}
