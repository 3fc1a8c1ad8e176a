/** No request at all: pages of 4 KB, each into a temporary file that is renamed. What nobody who keeps whole pages can beat by far. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const [list, into] = process.argv.slice(2);
const bytes = Buffer.alloc(4096, 'a page\n');
mkdirSync(into, { recursive: true });
for (const url of readFileSync(list, 'utf8').trim().split('\n')) {
  const path = new URL(url).pathname;
  const file = into + (path.endsWith('/') ? `${path}index.html` : path);
  const temporary = `${into}/.part`;
  writeFileSync(temporary, bytes);
  try {
    renameSync(temporary, file);
  } catch (error) {
    if (error.code !== 'ENOENT') continue;
    mkdirSync(dirname(file), { recursive: true });
    renameSync(temporary, file);
  }
}
