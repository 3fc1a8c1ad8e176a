import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createPageCache } from '@pagetree/core';
import { median, rounded } from '../timed.js';
import { disks, inFolder } from './places.js';

export const question =
  'How long until readers see a purge of everything of 100,000 pages, until they are gone, and what does rm -rf need?';

const PAGES = Number(process.env.PAGES ?? 100_000);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const goals = { seenMilliseconds: 20, timesRm: 1.5 };
const shapes = {
  'in 1,000 folders': (index) => `section-${index % 1000}/page-${index}`,
  flat: (index) => `page-${index}`,
};

/** A tree as fills leave it: a body and its meta for each page. Written without the cache, which is not the question. */
function makeTree(cacheDir, pathOf) {
  createPageCache({ cacheDir }).close();
  const folders = new Set();
  for (let index = 0; index < PAGES; index += 1) {
    const path = pathOf(index);
    for (const file of [`${cacheDir}/${path}`, `${cacheDir}/.pagetree/meta/${path}.pagetree`]) {
      const folder = file.slice(0, file.lastIndexOf('/'));
      if (!folders.has(folder)) fs.mkdirSync(folder, { recursive: true });
      folders.add(folder);
      fs.writeFileSync(file, '<!doctype html><p>a page</p>');
    }
  }
  // What was just written must not be waited for by who deletes it.
  execFileSync('sync');
}

/** A reader that knows nothing of the cache: asks for the last page until it is gone. */
function watch(file) {
  const script = `
    const fs = require('node:fs');
    process.stdout.write('ready');
    while (fs.existsSync(process.argv[1]));
    process.stdout.write(String(process.hrtime.bigint()));`;
  return spawn(process.execPath, ['-e', script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function purge(cacheDir, io, lastFile) {
  const cache = createPageCache({ cacheDir, io });
  const reader = watch(lastFile);
  await once(reader.stdout, 'data');
  let seen = '';
  reader.stdout.on('data', (text) => {
    seen += text;
  });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const began = process.hrtime.bigint();
  const { pages } = await cache.purge({ all: true });
  const gone = Number(process.hrtime.bigint() - began) / 1e6;
  delay.disable();
  if (pages !== PAGES) throw new Error(`${pages} pages were purged`);
  if (reader.exitCode === null) await once(reader, 'close');
  await cache.close();
  return { seen: Number(BigInt(seen) - began) / 1e6, gone, stall: delay.max / 1e6 };
}

export async function run({ say }) {
  const results = {};
  for (const [disk, under] of Object.entries(disks)) {
    for (const [shape, pathOf] of Object.entries(shapes)) {
      const rounds = { pool: [], direct: [], rm: [] };
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const way of Object.keys(rounds)) {
          await inFolder(under, async (folder) => {
            const cacheDir = `${folder}/tree`;
            makeTree(cacheDir, pathOf);
            if (way === 'rm') {
              const began = performance.now();
              execFileSync('rm', ['-rf', cacheDir]);
              rounds.rm.push({ gone: performance.now() - began });
            } else {
              const last = fs.readdirSync(cacheDir).at(-1);
              const lastPage =
                shape === 'flat' ? last : `${last}/${fs.readdirSync(`${cacheDir}/${last}`)[0]}`;
              rounds[way].push(await purge(cacheDir, way, `${cacheDir}/${lastPage}`));
            }
          });
        }
      }
      const rm = median(rounds.rm.map(({ gone }) => gone));
      for (const way of ['pool', 'direct']) {
        const middle = (name) => median(rounds[way].map((one) => one[name]));
        const result = {
          seenMilliseconds: rounded(middle('seen')),
          goneMilliseconds: Math.round(middle('gone')),
          rmMilliseconds: Math.round(rm),
          timesRm: rounded(middle('gone') / rm),
          stallMilliseconds: rounded(middle('stall')),
        };
        const name = `${disk}, ${shape}, ${way}`;
        results[name] = {
          ...result,
          ...(shape !== 'flat' && { seenReached: result.seenMilliseconds < goals.seenMilliseconds }),
          goneReached: result.timesRm <= goals.timesRm,
        };
        say(
          `${name.padEnd(36)} seen after ${result.seenMilliseconds} ms, gone after ${result.goneMilliseconds} ms, ` +
            `${result.timesRm} times rm -rf, stall ${result.stallMilliseconds} ms`,
        );
      }
    }
  }
  return { pages: PAGES, files: 2 * PAGES, rounds: ROUNDS, goals, disks, results };
}
