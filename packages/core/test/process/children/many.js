/** Fills, lists and purges a tree of many pages, and tells how the memory that is in use went. */
import v8 from 'node:v8';
import vm from 'node:vm';
import { createPageCache } from '@pagetree/core';
import { bodyOf, get, html } from './pages.js';
import { serve } from './serve.js';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');

/** Bytes in use after a collection. */
function inUse() {
  collect();
  return process.memoryUsage().heapUsed;
}

serve({
  async run({ cacheDir, count, folders, io }) {
    const cache = createPageCache({ cacheDir, io, durability: 'none', variants: false, fillTimeout: 3600 });
    const body = bodyOf('/', 1, 500);
    const target = (index) => `/${index % folders}/page-${index}`;
    const store = async (index) => {
      const { ticket } = await cache.lookup(get(target(index)));
      const fill = ticket.begin({ status: 200, headers: { ...html, 'cache-tag': 't' } });
      fill.write(body);
      return (await fill.commit()).kind;
    };
    const every = Math.ceil(count / 10);
    // The first pages warm up what is compiled and kept once.
    for (let index = 0; index < 500; index += 1) await store(index);
    const before = inUse();
    const most = { filling: 0, listing: 0, purging: 0 };
    const note = (during) => {
      most[during] = Math.max(most[during], inUse() - before);
    };
    let next = 500;
    const lane = async () => {
      while (next < count) {
        const index = next++;
        await store(index);
        if (index % every === 0) note('filling');
      }
    };
    await Promise.all(Array.from({ length: 16 }, lane));
    let listed = 0;
    for await (const page of cache.list()) {
      if (page && ++listed % every === 0) note('listing');
    }
    let purged = 0;
    const half = (page) => {
      if (page && ++purged % every === 0) note('purging');
    };
    await cache.purge({ glob: '/*/page-*[02468]' }, { onPage: half });
    const rest = await cache.purge({ all: true });
    note('purging');
    await cache.close();
    return { listed, purged, rest: rest.pages, most };
  },
});
