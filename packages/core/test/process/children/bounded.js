/** Stores pages in a tree with bounds, ends in the middle of one when told to, and tells what became of them. */
import { createPageCache } from '@pagetree/core';
import { get, html } from './pages.js';
import { serve } from './serve.js';

let cache;
let later = 0;

async function store(target) {
  const found = await cache.lookup(get(target));
  if (found.kind !== 'miss') return found.kind;
  if (!found.ticket) return found.reason;
  const fill = found.ticket.begin({ status: 200, headers: { ...html, 'cache-tag': 't' } });
  fill.write(Buffer.from(`<p>${target}</p>`));
  const outcome = await fill.commit();
  return outcome.kind === 'stored' ? 'stored' : outcome.reason;
}

serve({
  open({ cacheDir, options }) {
    cache = createPageCache(
      { cacheDir, durability: 'none', variants: ['gzip'], ...options },
      { wall: () => Date.now() + later, monotonic: () => performance.now() + later },
    );
  },
  /** Lets time pass for the cache. */
  advance({ milliseconds }) {
    later += milliseconds;
  },
  /** Stores so many pages, `width` at a time. Returns how often each outcome came. */
  async fill({ name, count, width = 1, andDie = false }) {
    const outcomes = {};
    let next = 0;
    const lane = async () => {
      while (next < count) {
        const outcome = await store(`/${name}/${next++}`);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: width }, lane));
    if (!andDie) return outcomes;
    // The publish of this page is under way when the process ends.
    void store(`/${name}/last`);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
    process.kill(process.pid, 'SIGKILL');
  },
  async faults() {
    const found = [];
    for await (const { fault, path } of cache.verify()) found.push(`${fault} ${path}`);
    return found;
  },
  sweep: () => cache.sweep(),
  close: () => cache.close(),
});
