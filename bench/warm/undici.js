/** The least that fetches and keeps pages in Node: requests at once, and each page written as it came, by blocking calls. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** The one that cache-warm has. */
const { Pool } = createRequire(import.meta.resolve('@pagetree/warm/package.json'))('undici');
const [list, into, atOnce] = process.argv.slice(2);
const urls = readFileSync(list, 'utf8').trim().split('\n');
const { origin } = new URL(urls[0]);
const pool = new Pool(origin, { connections: Number(atOnce), pipelining: 1 });
let next = 0;

async function work() {
  while (next < urls.length) {
    const path = urls[next++].slice(origin.length);
    const { statusCode, body } = await pool.request({ method: 'GET', path });
    const bytes = Buffer.from(await body.arrayBuffer());
    if (statusCode === 200) keep(into + (path.endsWith('/') ? `${path}index.html` : path), bytes);
  }
}

function keep(file, bytes) {
  try {
    writeFileSync(file, bytes);
  } catch (error) {
    if (error.code !== 'ENOENT') return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}

await Promise.all(Array.from({ length: Number(atOnce) }, work));
await pool.close();
