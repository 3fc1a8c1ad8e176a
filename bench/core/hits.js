import { createPageCache } from '@pagetree/core';
import { median, rounded } from '../timed.js';
import { disks, inFolder } from './places.js';

export const question = 'How many pages of 4 KB does one process find and read in a second?';

const ROUNDS = 5;
const PAGES = 500;
const TIMES = 10_000;
const body = Buffer.from('<!doctype html>'.padEnd(4096, '<p>a page</p>\n'));
const get = (index) => ({
  method: 'GET',
  target: `/section-${index % 20}/page-${index % PAGES}`,
  headers: {},
});

/** Pages that are in memory: no waiting, so one at a time. */
function glanceAll(cache) {
  const cpu = process.cpuUsage();
  const began = performance.now();
  for (let next = 0; next < TIMES; next += 1) {
    const found = cache.glance(get(next));
    if (found?.body.bytes.length !== body.length) throw new Error('a page was not in memory');
  }
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: TIMES / seconds, cpuMicroseconds: (user + system) / TIMES };
}

async function readAll(cache, lanes) {
  let next = 0;
  const lane = async () => {
    while (next < TIMES) {
      const found = await cache.lookup(get(next++));
      if (found.kind !== 'hit') throw new Error(`a page was a ${found.kind}`);
      const page = await found.page.body();
      if ((await page.bytes()).length !== body.length) throw new Error('a page was cut');
    }
  };
  const cpu = process.cpuUsage();
  const began = performance.now();
  await Promise.all(Array.from({ length: lanes }, lane));
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: TIMES / seconds, cpuMicroseconds: (user + system) / TIMES };
}

export async function run({ say }) {
  const results = {};
  await inFolder(disks.disk, async (folder) => {
    const cacheDir = `${folder}/tree`;
    const caches = {
      pool: createPageCache({ cacheDir, io: 'pool', durability: 'none', variants: false }),
      direct: createPageCache({ cacheDir, io: 'direct', durability: 'none', variants: false }),
    };
    for (let index = 0; index < PAGES; index += 1) {
      const { ticket } = await caches.direct.lookup(get(index));
      const fill = ticket.begin({ status: 200, headers: { 'content-type': 'text/html' } });
      fill.write(body);
      await fill.commit();
    }
    const cases = [
      ...['pool', 'direct'].flatMap((io) => [1, 8, 64].map((lanes) => ({ io, lanes, rounds: [] }))),
      { io: 'pool', lanes: 0, rounds: [] },
    ];
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const { io, lanes, rounds } of cases) {
        const result = lanes === 0 ? glanceAll(caches[io]) : await readAll(caches[io], lanes);
        if (round > 0) rounds.push(result);
      }
    }
    for (const { io, lanes, rounds } of cases) {
      const name = lanes === 0 ? 'from memory' : `${io}, ${lanes} at a time`;
      results[name] = {
        perSecond: Math.round(median(rounds.map(({ perSecond }) => perSecond))),
        cpuMicrosecondsAHit: rounded(median(rounds.map(({ cpuMicroseconds }) => cpuMicroseconds))),
      };
      say(`${name.padEnd(24)} ${results[name].perSecond} hits/s`);
    }
    await Promise.all(Object.values(caches).map((cache) => cache.close()));
  });
  return { bytesAPage: body.length, pages: PAGES, rounds: ROUNDS, results };
}
