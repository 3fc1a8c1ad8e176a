import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheablePaths } from '@pagetree/example-compat-site/paths.js';
import { peer } from './machine.js';
import { startOrigin } from './origin.js';
import { median, rounded, timed } from './timed.js';

export const question =
  'How many pages a second does cache-warm fetch and keep, and wget -x -i, from the same site?';

const PAGES = 10_500;
const ROUNDS = 3;
const warmBin = fileURLToPath(
  new URL('bin/cache-warm.js', import.meta.resolve('@pagetree/warm/package.json')),
);

/** The first one does what wget does: no compressed copies, and nothing flushed to the disk. */
const contestants = {
  'cache-warm, no variants, no flush': ['--variants', 'none', '--durability', 'none'],
  'cache-warm, no variants': ['--variants', 'none'],
  'cache-warm, gzip and brotli, fast': ['--compression', 'fast'],
  'cache-warm, gzip and brotli, best': [],
  'wget -x -i': undefined,
};

export async function run({ say }) {
  const wget = peer('wget', 'wget', '--version');
  const folder = await mkdtemp(join(tmpdir(), 'pagetree-bench-'));
  const site = await startOrigin();
  try {
    const paths = spread([...cacheablePaths()], PAGES);
    const list = join(folder, 'urls.txt');
    await writeFile(list, paths.map((path) => `${site.origin}${path}\n`).join(''));
    // The application compiles what it runs often: the first client must not pay that for the others.
    await once(folder, list, ['--variants', 'none', '--durability', 'none']);

    const rounds = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
    for (let round = 1; round <= ROUNDS; round++) {
      for (const [name, flags] of Object.entries(contestants)) {
        const result = await once(folder, list, flags);
        rounds[name].push(result);
        say(
          `round ${round}  ${name.padEnd(36)} ${Math.round(paths.length / result.seconds)} pages/s  ` +
            `${result.files} files, ${result.failed} failed`,
        );
      }
    }
    return {
      pages: paths.length,
      rounds: ROUNDS,
      peers: { wget },
      results: summarise(rounds, paths.length),
    };
  } finally {
    await site.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One client, once, into a folder that did not exist before. */
async function once(folder, list, flags) {
  const into = join(folder, 'kept');
  const result = flags === undefined ? await runWget(into, list) : await runWarm(into, list, flags);
  await rm(into, { recursive: true });
  return result;
}

async function runWarm(into, list, flags) {
  const args = [warmBin, list, '--cache-dir', into, '--quiet', '--json', ...flags];
  const { code, seconds, cpuSeconds, stdout, stderr } = await timed(process.execPath, args);
  if (code !== 0) throw new Error(`cache-warm ended with ${code}: ${stderr}`);
  const { stored, refused, failed } = JSON.parse(stdout);
  return { seconds, cpuSeconds, stored, failed: refused + failed, files: await pagesIn(into) };
}

async function runWget(into, list) {
  const args = ['--no-verbose', '--force-directories', '--no-host-directories', `--directory-prefix=${into}`];
  const { code, seconds, cpuSeconds, stderr } = await timed('wget', [...args, `--input-file=${list}`]);
  const downloaded = Number(/Downloaded: (\d+) files/.exec(stderr)?.[1] ?? 0);
  const asked = PAGES;
  return {
    seconds,
    cpuSeconds,
    stored: downloaded,
    failed: asked - downloaded,
    files: await pagesIn(into),
    code,
  };
}

/** Bodies, counted by the file system: neither the tree's own files nor variants. */
async function pagesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(
      ({ name, parentPath }) =>
        !/\.(gz|br)$/.test(name) && name !== 'CACHEDIR.TAG' && !parentPath.includes('/.pagetree'),
    )
    .filter((entry) => entry.isFile()).length;
}

/** As many of a list as are wanted, evenly spread, so that a part of the site has the shape of the whole. */
function spread(items, wanted) {
  return Array.from({ length: wanted }, (_, at) => items[Math.floor((at * items.length) / wanted)]);
}

function summarise(rounds, pages) {
  const wget = median(rounds['wget -x -i'].map(({ seconds }) => seconds));
  return Object.entries(rounds).map(([client, runs]) => {
    const seconds = median(runs.map((run) => run.seconds));
    return {
      client,
      pagesASecond: Math.round(pages / seconds),
      timesWget: rounded(wget / seconds),
      seconds: rounded(seconds),
      cpuSeconds: rounded(median(runs.map((run) => run.cpuSeconds))),
      saidStored: runs[0].stored,
      failed: runs[0].failed,
      filesThere: runs[0].files,
      allSeconds: runs.map((run) => run.seconds),
    };
  });
}
