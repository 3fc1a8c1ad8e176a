import { chmod, mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianOf, serverNames, startFrontEnd, versionOf, waysOf } from './front-end/servers.js';
import { canPin, load } from './hits/pinned.js';
import { fillTree, targetsOf } from './hits/tree.js';
import { median, rounded } from './timed.js';

export const question =
  'What do the rules that pagetree config prints cost a web server, beside the same folder without any?';

const ROUNDS = Number(process.env.ROUNDS ?? 7);
const SECONDS = Number(process.env.SECONDS ?? 1.5);
const PAGES = Number(process.env.PAGES ?? 1000);
/** Only servers whose name has this in it, or cases. */
const ONLY = process.env.ONLY ?? '';

/** With the rules, nginx answers so many of the hits that it answers without. */
const goals = { nginx: 0.9 };

const browser = [
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Accept-Language: en',
];

const cases = [
  { name: '2 KB', size: 2048 },
  { name: '16 KB', size: 16_384 },
  { name: '16 KB, as a browser asks', size: 16_384, headers: browser },
  { name: '16 KB, gzip', size: 16_384, variants: ['gzip'], headers: ['Accept-Encoding: gzip'] },
  {
    name: '16 KB, 304',
    size: 16_384,
    status: '304',
    // All files get one time, so that one condition is true of all of them.
    headers: ['If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT'],
  },
];

/** Runs one case with one server: all configurations in turns, so that what else the machine does hits all. */
async function compare(folder, name, { size, variants, status = '200', headers = [], name: label }, say) {
  const cacheDir = join(folder, 'tree');
  await fillTree(cacheDir, { pages: PAGES, size, variants });
  const targets = targetsOf(PAGES);
  for (const target of targets) await utimes(join(cacheDir, target), 784_111_777, 784_111_777);
  if (variants) {
    for (const target of targets) await utimes(join(cacheDir, `${target}.gz`), 784_111_777, 784_111_777);
  }
  const servers = {};
  const ways = waysOf(name);
  const rounds = Object.fromEntries(ways.map((how) => [how, []]));
  try {
    for (const how of ways) {
      servers[how] = await startFrontEnd(name, how, join(folder, `${name}-${how}`), cacheDir);
    }
    for (let round = 0; round <= ROUNDS; round += 1) {
      // Whoever comes second finds a warmer machine: they change places.
      const order = round % 2 === 0 ? ways : ways.toReversed();
      for (const how of order) {
        const result = await load(servers[how], { targets, headers, seconds: SECONDS, seed: round + 1 });
        const least = status === '304' ? 0 : variants ? size / 20 : size;
        if (Object.keys(result.statuses).some((other) => other !== status)) {
          throw new Error(
            `${name}, ${how}, answered ${JSON.stringify(result.statuses)} in place of ${status}`,
          );
        }
        if (result.bytes < result.requests * least) throw new Error(`${name}, ${how}, sent too few bytes`);
        if (round > 0) rounds[how].push(result);
      }
    }
  } finally {
    for (const server of Object.values(servers)) await server.stop();
    await rm(cacheDir, { recursive: true, force: true });
  }
  return summarise(name, label, rounds, say);
}

function summarise(name, label, rounds, say) {
  const of = (how, field) => median(rounds[how].map((result) => result[field]));
  // Rounds stand beside each other: the ratio of each is surer than the ratio of the medians.
  const ratiosTo = (base) => rounds[base].map(({ perSecond }, at) => rounds.rules[at].perSecond / perSecond);
  const ratios = ratiosTo('plain');
  const ratio = median(ratios);
  const goal = goals[name];
  const found = {
    plain: Math.round(of('plain', 'perSecond')),
    rules: Math.round(of('rules', 'perSecond')),
    ratio: rounded(ratio),
    ratios: ratios.map(rounded).sort(),
    cpuRatio: rounded(of('plain', 'cpuMicroseconds') / of('rules', 'cpuMicroseconds')),
    p99: { plain: rounded(of('plain', 'p99')), rules: rounded(of('rules', 'p99')) },
    ...(goal !== undefined && { goal, reached: ratio >= goal }),
    ...(rounds.least && {
      least: Math.round(of('least', 'perSecond')),
      ratioToLeast: rounded(median(ratiosTo('least'))),
      cpuRatioToLeast: rounded(of('least', 'cpuMicroseconds') / of('rules', 'cpuMicroseconds')),
    }),
  };
  const aim = goal === undefined ? '' : `, goal ${goal}`;
  say(
    `${label.padEnd(26)} ${name.padEnd(7)} ${String(found.rules).padStart(6)}/s with the rules, ${String(found.plain).padStart(6)}/s without: ` +
      `${found.ratio} (${found.cpuRatio} by processor time${aim})` +
      (found.least ? `; ${found.ratioToLeast} (${found.cpuRatioToLeast}) of one that follows no links` : ''),
  );
  return found;
}

export async function run({ say }) {
  const folder = await mkdtemp(join(process.env.DISK ?? tmpdir(), 'pagetree-bench-'));
  // Servers that give up root have to go through it.
  await chmod(folder, 0o755);
  const results = {};
  const servers = {};
  try {
    for (const name of serverNames) {
      const version = versionOf(name);
      servers[name] = version ?? `left out: not installed (Debian: apt-get install ${debianOf(name)})`;
      if (version === undefined) {
        say(`${name}: ${servers[name]}`);
        continue;
      }
      for (const one of cases) {
        if (!`${name} ${one.name}`.includes(ONLY)) continue;
        results[name] ??= {};
        results[name][one.name] = await compare(folder, name, one, say);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return {
    pinned: canPin,
    pages: PAGES,
    rounds: ROUNDS,
    seconds: SECONDS,
    connections: 32,
    servers,
    results,
  };
}
