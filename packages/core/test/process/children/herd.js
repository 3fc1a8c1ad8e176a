/** A herd of clients that miss one page at the same time. */
import { createPageCache } from '@pagetree/core';
import { bodyOf, get, html, turn, versionIn } from './pages.js';
import { serve } from './serve.js';

const KEY = '/herd';
const SIZE = 3000;
let cache;
let release;
const released = new Promise((resolve) => {
  release = resolve;
});
let clients = [];
let begun = 0;
const counts = { hits: 0, renders: 0, stored: 0, foreign: 0, together: 0 };

async function read(page, own) {
  const version = versionIn(await (await page.body()).bytes(), KEY, SIZE);
  counts.hits += 1;
  if (version !== own) counts.foreign += 1;
}

serve({
  open({ cacheDir, options }) {
    cache = createPageCache({ cacheDir, coalesceTimeout: 60_000, durability: 'none', ...options });
  },
  /** Sends the herd off; whoever renders is held until `release`. */
  async start({ count, first, storable }) {
    let letAll;
    const everybody = new Promise((resolve) => {
      letAll = resolve;
    });
    const client = async (id) => {
      const found = await cache.lookup(get(KEY));
      if (found.kind === 'hit') return read(found.page, id);
      counts.renders += 1;
      begun += 1;
      if (storable || begun === 1) {
        await released;
      } else {
        // All others of this process render at the same time, or this barrier never opens.
        counts.together += 1;
        if (counts.together === count - 1) letAll();
        await everybody;
      }
      const headers = storable ? html : { ...html, 'cache-control': 'private' };
      const fill = found.ticket?.begin({ status: 200, headers });
      if (!fill) return;
      fill.write(bodyOf(KEY, id, SIZE));
      if ((await fill.commit()).kind === 'stored') counts.stored += 1;
    };
    clients = Array.from({ length: count }, (_, index) => client(first + index));
    await turn();
  },
  release: () => release(),
  async finish() {
    await Promise.all(clients);
    await cache.close();
    return counts;
  },
});
