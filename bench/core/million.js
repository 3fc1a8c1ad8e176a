import v8 from 'node:v8';
import vm from 'node:vm';
import { createPageCache } from '@pagetree/core';
import { rounded } from '../timed.js';
import { disks, inFolder } from './places.js';

export const question = 'Does the memory of a process grow with a tree of a million pages?';

const PAGES = Number(process.env.PAGES ?? 1_000_000);
const FOLDERS = 1000;
const LANES = 16;
const body = Buffer.from('<!doctype html><p>one of a million pages</p>'.padEnd(500));

/** In memory, when asked to: a million pages are two million files, and the disk is not the question. */
export async function run({ say }) {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc');
  const inUse = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const under = process.env.DISK ?? disks.memory ?? disks.disk;
  return inFolder(under, async (folder) => {
    const cache = createPageCache({
      cacheDir: `${folder}/tree`,
      io: 'direct',
      durability: 'none',
      variants: false,
    });
    const store = async (index) => {
      const { ticket } = await cache.lookup({
        method: 'GET',
        target: `/section-${index % FOLDERS}/page-${index}`,
        headers: {},
      });
      const fill = ticket.begin({ status: 200, headers: { 'content-type': 'text/html' } });
      fill.write(body);
      const { kind } = await fill.commit();
      if (kind !== 'stored') throw new Error(`a page was ${kind}`);
    };
    for (let index = 0; index < 1000; index += 1) await store(index);
    const before = inUse();
    const results = {};
    const phase = async (name, work) => {
      const most = { heap: 0, resident: 0 };
      const note = () => {
        most.heap = Math.max(most.heap, inUse() - before);
        most.resident = Math.max(most.resident, process.memoryUsage().rss);
      };
      const began = performance.now();
      const pages = await work(note);
      note();
      const seconds = (performance.now() - began) / 1000;
      results[name] = {
        pages,
        perSecond: Math.round(pages / seconds),
        heapGrewMegabytes: rounded(most.heap / 1e6),
        residentMegabytes: Math.round(most.resident / 1e6),
      };
      say(`${name.padEnd(8)} ${JSON.stringify(results[name])}`);
    };
    const every = Math.ceil(PAGES / 20);
    await phase('fill', async (note) => {
      let next = 1000;
      const lane = async () => {
        while (next < PAGES) {
          const index = next++;
          await store(index);
          if (index % every === 0) note();
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      return PAGES - 1000;
    });
    await phase('list', async (note) => {
      let listed = 0;
      for await (const { bytes } of cache.list()) {
        if (bytes > 0 && ++listed % every === 0) note();
      }
      if (listed !== PAGES) throw new Error(`${listed} pages were listed`);
      return listed;
    });
    await phase('verify', async () => {
      for await (const { fault, path } of cache.verify()) throw new Error(`${fault}: ${path}`);
      return PAGES;
    });
    await phase('purge', async (note) => {
      let told = 0;
      const onPage = () => {
        if (++told % every === 0) note();
      };
      const { pages } = await cache.purge({ all: true }, { onPage });
      if (pages !== PAGES) throw new Error(`${pages} pages were purged`);
      return pages;
    });
    await cache.close();
    return { pages: PAGES, folders: FOLDERS, where: under, results };
  });
}
