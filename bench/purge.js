import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createPageCache, openTree } from '@pagetree/core';
import { disks, inFolder } from './core/places.js';
import { median, rounded, timed } from './timed.js';

export const question =
  'How long does a purge take, as a command and as a call, beside rm, find -delete and rm -rf, and how long until readers see it?';

const PAGES = Number(process.env.PAGES ?? 100_000);
/** Rounds of a case, unless its time is over before: all of it shall take less than four minutes. */
const ROUNDS = Number(process.env.ROUNDS ?? 5);
/** Seconds that the rounds of one case on one disk may take; one round is made in any case. */
const TIME = Number(process.env.TIME ?? 12);
/** Runs of the commands that are over in no time. */
const STARTS = Number(process.env.STARTS ?? 15);
/** Only cases whose name has this in it. */
const ONLY = process.env.ONLY ?? '';
const goals = { timesNode: 3 };
/** Pages that are looked at while they go. */
const WATCHED = 16;

const bin = join(
  createRequire(import.meta.url).resolve('@pagetree/warm/package.json'),
  '../bin/cache-purge.js',
);
const tagged = Math.max(1, PAGES / 10);
const matched = Math.max(1, PAGES / 100);
const body = Buffer.from('<!doctype html><p>a page</p>'.repeat(60));

/** A page in one of a thousand sections. */
const placeOf = (index) => `section-${index % 1000}/page-${index}`;
const range = (length, toItem) => Array.from({ length }, (_, index) => toItem(index));

/** A tree as fills leave it, a body and its meta for each page: written without the cache, which is not the question. */
function writePages(cacheDir, places) {
  const folders = new Set();
  for (const place of places) {
    for (const file of [`${cacheDir}/${place}`, `${cacheDir}/.pagetree/meta/${place}.pagetree`]) {
      const folder = file.slice(0, file.lastIndexOf('/'));
      if (!folders.has(folder)) fs.mkdirSync(folder, { recursive: true });
      folders.add(folder);
      fs.writeFileSync(file, body);
    }
  }
}

/** Pages with a tag are stored by the cache: the index of tags is its own. */
async function storeTagged(cacheDir, count) {
  const cache = createPageCache({ cacheDir, io: 'direct', durability: 'none', variants: false });
  for (let index = 0; index < count; index += 1) {
    const target = `/tagged/${index % 100}/${index}`;
    const { ticket } = await cache.lookup({ method: 'GET', target, headers: {} });
    const fill = ticket.begin({
      status: 200,
      headers: { 'content-type': 'text/html', 'cache-tag': 'bench' },
    });
    fill.write(body);
    const outcome = await fill.commit();
    if (outcome.kind !== 'stored') throw new Error(`${target}: ${outcome.reason}`);
  }
  await cache.close();
}

/**
 * The cases. All but the first purge a part of a tree that has more pages beside it, or all of it; the peers remove the same
 * pages, and know nothing of meta and of fills.
 */
const cases = [
  {
    name: 'one page',
    others: Math.min(PAGES, 1000),
    scope: { path: '/section-0/page-0' },
    args: ['/section-0/page-0'],
    gone: [placeOf(0)],
    peers: { rm: (dir) => ['rm', [`${dir}/${placeOf(0)}`]] },
    rounds: STARTS,
  },
  {
    name: `${matched} pages by glob`,
    others: PAGES / 50,
    extra: range(matched, (index) => `blog/${index % 10}/post-${index}`),
    scope: { glob: '/blog/**' },
    args: ['/blog/**'],
    gone: range(matched, (index) => `blog/${index % 10}/post-${index}`),
    peers: { 'find -delete': (dir) => ['find', [`${dir}/blog`, '-type', 'f', '-delete']] },
  },
  {
    name: `${tagged} pages by tag`,
    others: PAGES / 50,
    tagged,
    scope: { tag: 'bench' },
    args: ['--tag', 'bench'],
    gone: range(tagged, (index) => `tagged/${index % 100}/${index}`),
    peers: {
      // Who has the list of the files already.
      'xargs rm': (dir) => ['sh', ['-c', `cd ${dir} && find tagged -type f -print0 | xargs -0 rm`]],
    },
  },
  {
    name: `everything of ${PAGES} pages`,
    others: PAGES,
    scope: { all: true },
    args: ['--all', '--yes'],
    gone: range(PAGES, placeOf),
    peers: {
      'rm -rf': (dir) => ['rm', ['-rf', dir]],
      'find -delete': (dir) => ['find', [dir, '-type', 'f', '-delete']],
    },
  },
];

/** Readers that know nothing of the cache: how long until the last of some pages is gone, in milliseconds. */
async function watch(files) {
  const script = `
    const fs = require('node:fs');
    let left = process.argv.slice(1);
    process.stdout.write('ready ');
    while (left.length > 0) left = left.filter((file) => fs.existsSync(file));
    process.stdout.write(String(process.hrtime.bigint()));`;
  const child = spawn(process.execPath, ['-e', script, ...files], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  const began = process.hrtime.bigint();
  return {
    began,
    seen: async () => {
      await closed;
      return Number(BigInt(said.slice('ready '.length)) - began) / 1e6;
    },
  };
}

/** One purge, or one run of a peer, of a fresh copy of the tree. */
async function purgeOnce({ gone, args, scope, peers }, way, cacheDir) {
  const every = Math.max(1, Math.floor(gone.length / WATCHED));
  const watched = gone.filter((_, index) => index % every === 0).map((place) => `${cacheDir}/${place}`);
  const isCall = way.startsWith('call');
  const cache = isCall ? openTree(cacheDir, { io: way.slice('call, '.length) }) : undefined;
  const { began, seen } = await watch(watched);
  let cpu;
  if (cache !== undefined) {
    const { pages } = await cache.purge(scope);
    if (pages !== gone.length) throw new Error(`${pages} pages were purged, not ${gone.length}`);
  } else {
    const [command, given] =
      way === 'cache-purge'
        ? [process.execPath, [bin, ...args, '--cache-dir', cacheDir]]
        : peers[way](cacheDir);
    const ran = await timed(command, given);
    if (ran.code !== 0) throw new Error(`${way} ended with ${ran.code}: ${ran.stderr}`);
    cpu = ran.cpuSeconds * 1000;
  }
  const took = Number(process.hrtime.bigint() - began) / 1e6;
  const left = watched.filter((file) => fs.existsSync(file));
  if (left.length > 0) throw new Error(`${way} left ${left[0]}`);
  const result = { took, seen: await seen(), ...(cpu !== undefined && { cpu }) };
  await cache?.close();
  return result;
}

async function measure(one, under, say, disk) {
  const { name, others, extra = [], tagged: withTag = 0, rounds: wanted = ROUNDS } = one;
  let made = 0;
  const rounds = Object.fromEntries(
    ['cache-purge', 'call, direct', 'call, pool', ...Object.keys(one.peers)].map((way) => [way, []]),
  );
  await inFolder(under, async (folder) => {
    const model = `${folder}/model`;
    await createPageCache({ cacheDir: model }).close();
    writePages(model, [...range(Math.ceil(others), placeOf), ...extra]);
    if (withTag > 0) await storeTagged(model, withTag);
    const began = performance.now();
    for (; made < wanted && (made === 0 || performance.now() - began < TIME * 1000); made += 1) {
      for (const way of Object.keys(rounds)) {
        const cacheDir = `${folder}/tree`;
        fs.rmSync(cacheDir, { recursive: true, force: true });
        execFileSync('cp', ['-a', model, cacheDir]);
        // What was just written must not be waited for by who deletes it.
        execFileSync('sync');
        rounds[way].push(await purgeOnce(one, way, cacheDir));
      }
    }
  });
  const results = { rounds: made };
  for (const [way, all] of Object.entries(rounds)) {
    const middle = (field) => rounded(median(all.map((result) => result[field])));
    results[way] = {
      milliseconds: middle('took'),
      seenMilliseconds: middle('seen'),
      ...(all[0].cpu !== undefined && { cpuMilliseconds: middle('cpu') }),
    };
    say(
      `${disk.padEnd(8)} ${name.padEnd(32)} ${way.padEnd(14)} ${results[way].milliseconds} ms, seen after ${results[way].seenMilliseconds} ms`,
    );
  }
  for (const peer of Object.keys(one.peers)) {
    results['cache-purge'][`times ${peer}`] = rounded(
      results['cache-purge'].milliseconds / results[peer].milliseconds,
    );
  }
  return results;
}

/** The whole process, of which nearly all is its start. */
async function measureStart(say) {
  const rounds = { 'cache-purge /foo': [], 'node -e 0': [] };
  await inFolder(Object.values(disks)[0], async (folder) => {
    const cacheDir = `${folder}/tree`;
    await createPageCache({ cacheDir }).close();
    for (let round = 0; round <= STARTS; round += 1) {
      for (const way of Object.keys(rounds)) {
        fs.writeFileSync(`${cacheDir}/foo`, body);
        const args = way === 'node -e 0' ? ['-e', '0'] : [bin, '/foo', '--cache-dir', cacheDir];
        const ran = await timed(process.execPath, args);
        if (ran.code !== 0) throw new Error(ran.stderr);
        // The first run reads the files from the disk.
        if (round > 0) rounds[way].push(ran);
      }
    }
  });
  const middle = (way, field) => median(rounds[way].map((ran) => ran[field] * 1000));
  const [ours, node] = ['cache-purge /foo', 'node -e 0'].map((way) => ({
    milliseconds: rounded(middle(way, 'seconds')),
    cpuMilliseconds: rounded(middle(way, 'cpuSeconds')),
  }));
  const timesNode = rounded(ours.milliseconds / node.milliseconds);
  const cpuTimesNode = rounded(ours.cpuMilliseconds / node.cpuMilliseconds);
  say(
    `cache-purge /foo as a whole process: ${ours.milliseconds} ms, ${timesNode} times node -e 0 (by processor time ${cpuTimesNode}; goal ${goals.timesNode})`,
  );
  return {
    'cache-purge /foo': ours,
    'node -e 0': node,
    timesNode,
    cpuTimesNode,
    reached: timesNode <= goals.timesNode,
  };
}

export async function run({ say }) {
  const results = { start: await measureStart(say) };
  for (const [disk, under] of Object.entries(disks)) {
    for (const one of cases) {
      if (one.name.includes(ONLY)) results[`${disk}, ${one.name}`] = await measure(one, under, say, disk);
    }
  }
  return { pages: PAGES, starts: STARTS, watched: WATCHED, goals, disks, results };
}
