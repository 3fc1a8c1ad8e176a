import fs from 'node:fs';
import { join } from 'node:path';
import { createPageCache } from '@pagetree/core';
import { median, rounded } from '../timed.js';
import { disks } from './places.js';

export const question = 'How many pages of 4 KB does one process store in a second?';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const countOf = (durability) => (durability === 'full' ? 600 : 2000);
const goals = { none: 2500, full: 1000 };
const body = Buffer.from(
  `<!doctype html>${'<p>a page of the site, as pages are</p>\n'.repeat(105)}`.slice(0, 4096),
);

/**
 * The least that any tool does that never shows half a page: a temporary file and a rename. It tells what the disk
 * and the machine can do at the moment, so that ratios hold when figures do not.
 */
function writePlainly(folder, { durability, count }) {
  for (let index = 0; index < 50; index += 1) fs.mkdirSync(`${folder}/section-${index}`);
  const cpu = process.cpuUsage();
  const began = performance.now();
  for (let index = 0; index < count; index += 1) {
    const fd = fs.openSync(`${folder}/new-${index}`, 'wx');
    fs.writeSync(fd, body);
    if (durability === 'full') fs.fdatasyncSync(fd);
    fs.closeSync(fd);
    fs.renameSync(`${folder}/new-${index}`, `${folder}/section-${index % 50}/page-${index}`);
  }
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: count / seconds, cpuMicroseconds: (user + system) / count };
}

async function storeAll(cacheDir, { io, durability, variants, lanes, count }) {
  const cache = createPageCache({ cacheDir, io, durability, variants });
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next++;
      const { ticket } = await cache.lookup({
        method: 'GET',
        target: `/section-${index % 50}/page-${index}`,
        headers: {},
      });
      const fill = ticket.begin({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
      fill.write(body);
      const { kind } = await fill.commit();
      if (kind !== 'stored') throw new Error(`a page was ${kind}`);
    }
  };
  const cpu = process.cpuUsage();
  const began = performance.now();
  await Promise.all(Array.from({ length: lanes }, lane));
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await cache.close();
  return { perSecond: count / seconds, cpuMicroseconds: (user + system) / count };
}

export async function run({ say }) {
  const cases = [];
  for (const disk of Object.keys(disks)) {
    for (const durability of disk === 'memory' ? ['none'] : ['none', 'full']) {
      cases.push({ disk, durability, count: countOf(durability) });
      for (const io of ['pool', 'direct']) {
        for (const variants of [false, ['gzip', 'br']]) {
          for (const lanes of variants ? [8] : io === 'direct' ? [1, 8] : [1, 8, 64]) {
            cases.push({ disk, durability, io, variants, lanes, count: countOf(durability) });
          }
        }
      }
    }
  }
  const nameOf = ({ disk, durability, io, variants, lanes }) =>
    io === undefined
      ? `${disk}, durability ${durability}, a temporary file and a rename`
      : `${disk}, durability ${durability}, ${io}, variants ${variants ? 'on' : 'off'}, ${lanes} at a time`;
  const found = new Map(cases.map((one) => [one, []]));
  // ext4 does not use an inode again for a minute after it was deleted, and looks at each to know: who deletes the trees of
  // one case before the next begins measures that, and nothing else.
  const folders = [];
  try {
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const one of cases) {
        const folder = fs.mkdtempSync(join(disks[one.disk], 'pagetree-bench-'));
        folders.push(folder);
        const result = await (one.io === undefined
          ? writePlainly(folder, one)
          : storeAll(`${folder}/tree`, one));
        if (round > 0) found.get(one).push(result);
      }
    }
  } finally {
    for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
  }
  const results = {};
  for (const [one, rounds] of found) {
    const perSecond = Math.round(median(rounds.map((round) => round.perSecond)));
    const goal = one.variants || one.io === undefined ? undefined : goals[one.durability];
    results[nameOf(one)] = {
      perSecond,
      best: Math.round(Math.max(...rounds.map((round) => round.perSecond))),
      cpuMicrosecondsAPage: rounded(median(rounds.map((round) => round.cpuMicroseconds))),
      ...(goal && { goal, reached: perSecond >= goal }),
    };
    say(
      `${nameOf(one).padEnd(66)} ${perSecond} pages/s, ${results[nameOf(one)].cpuMicrosecondsAPage} µs of processor time a page`,
    );
  }
  return { bytesAPage: body.length, rounds: ROUNDS, disks, results };
}
