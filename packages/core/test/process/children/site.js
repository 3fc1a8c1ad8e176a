/** A site of a few keys in each other's way, that fillers render and a purger changes. */
import fs from 'node:fs';
import zlib from 'node:zlib';
import { createPageCache } from '@pagetree/core';
import { bodyOf, Counters, get, html, randomFrom, turn, versionIn } from './pages.js';
import { serve } from './serve.js';

/** Keys with the files they may live in; every third has pages of several writes. */
export const keys = ['/a', '/a/b', '/a/b/c', '/a/', '/d', '/d/e', '/f', '/f/g', '/f/g/h'].map(
  (key, index) => ({
    key,
    index,
    tag: index % 2 === 0 ? 'even' : 'odd',
    size: index % 3 === 1 ? 200_000 : 2000,
    places: key.endsWith('/')
      ? [`${key.slice(1)}__index.html`]
      : [key.slice(1), `${key.slice(1)}/__page.html`],
  }),
);

let cache;
let counters;
let dir;
let stopping = false;

/** The counter in front of an update and a purge, and the one behind them. */
const wanted = (index) => counters.get(2 * index);
const confirmed = (index) => counters.get(2 * index + 1);

function assertFresh(version, floor, key, where) {
  if (version < floor)
    throw new Error(`STALE: ${where} has version ${version} of ${key}, ${floor} was purged`);
}

async function readPage(page, { key, size, index }, floor, coding) {
  try {
    let body = await page.body();
    const variant = coding === undefined ? undefined : await page.body(coding);
    if (variant) {
      const bytes = zlib.gunzipSync(await variant.bytes());
      assertFresh(versionIn(bytes, key, size), floor, key, `the ${coding} of a hit`);
      if (!bytes.equals(await body.bytes())) throw new Error(`body and variant of ${key} differ (${index})`);
      body = undefined;
    }
    if (body) assertFresh(versionIn(await body.bytes(), key, size), floor, key, 'a hit');
  } finally {
    await page.close();
  }
}

async function visit(entry, random, counts) {
  const { key, index, tag, size } = entry;
  const floor = confirmed(index);
  const found = await cache.lookup(get(key), { refresh: random(3) === 0 });
  counts.lookups += 1;
  if (found.kind === 'hit') {
    counts.hits += 1;
    await readPage(found.page, entry, floor, random(2) === 0 ? 'gzip' : undefined);
    return;
  }
  if (!found.ticket) return;
  // The render begins here: what it reads of the site may be overtaken from now on.
  const body = bodyOf(key, wanted(index), size);
  if (random(4) === 0) await turn();
  // Now and then the page is private, for its type.
  const type = random(4) === 0 ? { 'content-type': 'application/xhtml+xml' } : html;
  const fill = found.ticket.begin({ status: 200, headers: { ...type, 'cache-tag': `all, ${tag}` } });
  const chunk = size > 65_536 ? 50_000 : 1000;
  for (let at = 0; at < body.length; at += chunk) {
    fill.write(body.subarray(at, at + chunk));
    if (random(2) === 0) await turn();
  }
  const outcome = await fill.commit();
  if (outcome.isPrivate) counts.private = (counts.private ?? 0) + 1;
  const name = outcome.kind === 'stored' ? 'stored' : outcome.reason;
  counts[name] = (counts[name] ?? 0) + 1;
  if (name === 'disk-error') console.error(outcome.error);
}

/** Reads the files themselves, as a web server does. */
function readFiles(entry, floor) {
  for (const place of [...entry.places, `.pagetree/private/pages/${entry.places[0]}/.page`]) {
    for (const suffix of ['', '.gz']) {
      let bytes;
      try {
        bytes = fs.readFileSync(`${dir}/${place}${suffix}`);
      } catch (error) {
        if (!['ENOENT', 'ENOTDIR', 'EISDIR'].includes(error.code)) throw error;
        continue;
      }
      const whole = suffix === '' ? bytes : zlib.gunzipSync(bytes);
      assertFresh(versionIn(whole, entry.key, entry.size), floor, entry.key, `the file ${place}${suffix}`);
    }
  }
}

const scopes = {
  key: (turn) => {
    const { key } = keys[turn % keys.length];
    return [{ path: key }, (one) => one.key === key];
  },
  prefix: (turn) => {
    const path = ['/a', '/f', '/d', '/f/g', '/a/b', '/a/'][turn % 6];
    return [{ path, recursive: true }, ({ key }) => key.startsWith(path)];
  },
  glob: (turn) => {
    const [glob, test] = [
      ['/a/**', ({ key }) => key.startsWith('/a/')],
      ['/{d,f}{,/**}', ({ key }) => /^\/[df]/.test(key)],
      ['/*', ({ key }) => /^\/[^/]+$/.test(key)],
    ][turn % 3];
    return [{ glob }, test];
  },
  tag: (turn) => [
    { tag: ['even', 'odd', 'all'][turn % 3] },
    ({ tag }) => turn % 3 === 2 || tag === ['even', 'odd'][turn % 3],
  ],
  all: () => [{ all: true }, () => true],
};

serve({
  open({ cacheDir, countersFile, options }) {
    dir = cacheDir;
    counters = new Counters(countersFile);
    cache = createPageCache({ cacheDir, coalesceTimeout: 50, ...options });
  },
  /** Fills until it is told to stop. */
  async fill({ seed, loops }) {
    const random = randomFrom(seed);
    const counts = { lookups: 0, hits: 0 };
    const loop = async () => {
      while (!stopping) {
        await visit(keys[random(keys.length)], random, counts);
        await turn();
      }
    };
    await Promise.all(Array.from({ length: loops }, loop));
    return counts;
  },
  stop() {
    stopping = true;
  },
  async close() {
    await cache.close();
  },
  /** Changes the site and purges what changed, `times` times; each time nothing that was rendered before may be left. */
  async purge({ kind, times, from }) {
    const counts = { purges: 0, pages: 0, fills: 0 };
    for (let round = from; round < from + times; round += 1) {
      const [scope, inScope] = scopes[kind](round);
      const changed = keys.filter(inScope);
      for (const { index } of changed) counters.set(2 * index, round);
      const { pages, fills } = await cache.purge(scope);
      counts.purges += 1;
      counts.pages += pages;
      counts.fills += fills;
      for (const { index } of changed) counters.set(2 * index + 1, round);
      for (const entry of changed) {
        readFiles(entry, round);
        const found = await cache.lookup(get(entry.key));
        if (found.kind === 'hit') await readPage(found.page, entry, round, 'gzip');
        else found.ticket?.abandon('unfinished');
      }
      await turn();
    }
    return counts;
  },
  async check() {
    for (const entry of keys) readFiles(entry, confirmed(entry.index));
  },
});
