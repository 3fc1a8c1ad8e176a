import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, rounded, timed } from './timed.js';
import { AT_ONCE, clients, peers } from './warm/clients.js';
import { origins } from './warm/origins.js';

export const question =
  'How many pages a second does cache-warm fetch and keep, and others, from the same sites, and what does it take?';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const PAGES = Number(process.env.PAGES ?? 10_000);
/** Only the clients and sites whose names have this in them; `cache-warm` and what all are measured by always. */
const ONLY = process.env.ONLY ?? '';
const SITES = process.env.SITES ?? '';
/** Pages for a client that asks for one at a time, where each takes 20 ms. */
const FEW = 500;

const fair = 'cache-warm, no variants, no flush';

export async function run({ say }) {
  const versions = peers();
  const folder = await mkdtemp(join(process.env.DISK ?? tmpdir(), 'pagetree-bench-'));
  try {
    const results = [];
    for (const [name, start] of Object.entries(origins)) {
      if (!name.includes(SITES)) continue;
      const site = await start(folder, PAGES);
      try {
        say(`\n${name}`);
        results.push(...(await compare(name, site, folder, say)));
      } finally {
        await site.stop();
      }
    }
    return { pages: PAGES, rounds: ROUNDS, atOnce: AT_ONCE, peers: versions, results };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function compare(name, site, folder, say) {
  const taking = Object.entries(clients).filter(([client]) => client.includes(ONLY) || client === fair);
  const rounds = Object.fromEntries(taking.map(([client]) => [client, []]));
  // Whatever is warm after the first client must not be a gift to the others.
  await once(site, folder, clients[fair]);
  for (let round = 1; round <= ROUNDS; round++) {
    // Nobody is always the one behind the same neighbour.
    for (const [client, one] of round % 2 === 0 ? taking.toReversed() : taking) {
      const few = one.one && name.includes('ms');
      const result = await once(few ? { ...site, paths: site.paths.slice(0, FEW) } : site, folder, one);
      rounds[client].push(result);
      say(
        `round ${round}  ${client.padEnd(44)} ${String(Math.round(result.pagesASecond)).padStart(6)} pages/s` +
          `  ${rounded(result.cpuMicroseconds)} µs CPU a page  ${Math.round(result.peakMemory / 1e6)} MB  ${result.there} there`,
      );
    }
  }
  return summarise(name, rounds);
}

/**
 * One client, once, into a folder that did not exist before. What it kept stays until the end: ext4 gives an inode of a removed file
 * to nobody for half a minute, and passes all of them by each time it makes a file, so whoever came next would pay for the removal.
 */
async function once({ origin, paths }, folder, { command }) {
  const into = join(await mkdtemp(join(folder, 'kept-')), 'tree');
  const list = join(folder, 'urls.txt');
  await writeFile(list, paths.map((path) => `${origin}${path}\n`).join(''));
  const [program, args] = command({ origin, paths, folder, list, into });
  const { seconds, cpuSeconds, peakMemory, stderr } = await timed(program, args.map(String));
  if (!existsSync(into)) throw new Error(`${program} kept nothing: ${stderr}`);
  const there = await pagesIn(into);
  return {
    pagesASecond: there / seconds,
    cpuMicroseconds: (cpuSeconds * 1e6) / Math.max(1, there),
    peakMemory,
    there,
    asked: paths.length,
  };
}

/** Bodies, counted by the file system: neither the tree's own files nor variants. */
async function pagesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter(
    (entry) =>
      entry.isFile() &&
      !/\.(gz|br)$|^CACHEDIR\.TAG$/.test(entry.name) &&
      !entry.parentPath.includes('/.pagetree'),
  ).length;
}

function summarise(origin, rounds) {
  const middle = (client, key) => median(rounds[client].map((result) => result[key]));
  const ours = middle(fair, 'pagesASecond');
  return Object.entries(rounds).map(([client, results]) => ({
    origin,
    client,
    pagesASecond: Math.round(middle(client, 'pagesASecond')),
    cacheWarmIsTimesAsFast: rounded(ours / middle(client, 'pagesASecond')),
    cpuMicrosecondsAPage: Math.round(middle(client, 'cpuMicroseconds')),
    peakMemoryMegabytes: Math.round(middle(client, 'peakMemory') / 1e6),
    asked: results[0].asked,
    there: results[0].there,
    allPagesASecond: results.map(({ pagesASecond }) => Math.round(pagesASecond)),
  }));
}
