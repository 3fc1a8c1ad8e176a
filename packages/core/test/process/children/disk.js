/** Stores and looks up, one call at a time, on a disk that has its faults; tells what the cache told. */
import fs from 'node:fs';
import { createPageCache } from '@pagetree/core';
import { bodyOf, get, html, versionIn } from './pages.js';
import { serve } from './serve.js';

let cache;
let later = 0;
const errors = [];
const held = [];
const files = [];

async function begin(target) {
  const found = await cache.lookup(get(target), { refresh: true });
  if (found.kind === 'miss' && found.ticket) return found.ticket.begin({ status: 200, headers: html });
  return found.reason;
}

serve({
  open({ cacheDir, options }) {
    const onEvent = (event) => {
      if (event.type === 'error') errors.push(`${event.during} ${event.error.code}`);
    };
    cache = createPageCache(
      { cacheDir, variants: false, coalesce: false, onEvent, ...options },
      { monotonic: () => performance.now() + later },
    );
  },
  /** Lets time pass for the cache, so that it writes again after a pause. */
  advance({ milliseconds }) {
    later += milliseconds;
  },
  errors: () => errors.splice(0),
  async store({ target, version, size }) {
    const fill = await begin(target);
    if (typeof fill !== 'object') return fill;
    fill.write(bodyOf(target, version, size));
    const outcome = await fill.commit();
    return outcome.kind === 'stored' ? 'stored' : outcome.reason;
  },
  /** Stores many pages at the same time; each is open before the first is ended. */
  async storeMany({ count, size }) {
    const targets = Array.from({ length: count }, (_, index) => `/many/${index}`);
    const fills = await Promise.all(targets.map(begin));
    return Promise.all(
      fills.map(async (fill, index) => {
        if (typeof fill !== 'object') return fill;
        fill.write(bodyOf(targets[index], 1, size));
        const outcome = await fill.commit();
        return outcome.kind === 'stored' ? 'stored' : outcome.reason;
      }),
    );
  },
  /** Begins many pages and ends none, until `letGo`. Returns how many began. */
  async hold({ count }) {
    const fills = await Promise.all(Array.from({ length: count }, (_, index) => begin(`/held/${index}`)));
    held.push(...fills.filter((fill) => typeof fill === 'object'));
    // Who had a file, but no descriptor to look around with, gave it back.
    try {
      for (;;) files.push(fs.openSync('/dev/null'));
    } catch {
      return held.length;
    }
  },
  async letGo() {
    for (const file of files.splice(0)) fs.closeSync(file);
    await Promise.all(held.splice(0).map((fill) => fill.abort('unfinished')));
  },
  /** The version of the page that is there. */
  async look({ target, size }) {
    const found = await cache.lookup(get(target));
    if (found.kind !== 'hit') {
      found.ticket?.abandon('unfinished');
      await found.ticket?.outcome;
      return found.reason ?? found.kind;
    }
    return versionIn(await (await found.page.body()).bytes(), target, size);
  },
  /** How many pages a purge removed, or the code and cause of its error. */
  async purge({ scope }) {
    try {
      return (await cache.purge(scope)).pages;
    } catch (error) {
      return `${error.code} ${error.cause?.code}`;
    }
  },
  /** What a sweep did, or the code of its error. */
  async sweep() {
    try {
      return await cache.sweep();
    } catch (error) {
      return error.code;
    }
  },
  async faults({ swept = true } = {}) {
    if (swept) await cache.sweep();
    const found = [];
    for await (const { fault, path } of cache.verify()) found.push(`${fault} ${path}`);
    return found;
  },
  close: () => cache.close(),
});
