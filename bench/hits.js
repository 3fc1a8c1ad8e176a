import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startNginx } from './hits/nginx.js';
import { canPin, load, startServer } from './hits/pinned.js';
import { fillTree, targetsOf } from './hits/tree.js';
import { peer } from './machine.js';
import { median, rounded } from './timed.js';

export const question = 'How many hits a second does Node answer, beside one that answers a constant?';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 1.5);
const PAGES = Number(process.env.PAGES ?? 1000);
/** Only cases whose name has this in it. */
const ONLY = process.env.ONLY ?? '';
/** Enough for all pages of the largest size. */
const MEMORY = 512 * 1024 * 1024;

const url = new URL('hits/server.js', import.meta.url);
const gzipBr = ['Accept-Encoding: gzip, deflate, br'];

/** Who is compared in a case, and with what: the goal is a part of the throughput of `floor`. */
const cases = [
  {
    name: '2 KB, random pages',
    size: 2048,
    goals: { memory: 0.72 },
    moonshot: 0.75,
    others: [
      'least',
      'no memory',
      'sirv',
      'sirv dev',
      'express.static',
      '@fastify/static',
      'hono serveStatic',
      'nginx',
    ],
  },
  {
    name: '16 KB, random pages',
    size: 16_384,
    goals: { memory: 0.6 },
    moonshot: 0.7,
    others: [
      'least',
      'no memory',
      'sirv',
      'sirv dev',
      'express.static',
      '@fastify/static',
      'hono serveStatic',
      'nginx',
    ],
  },
  {
    name: '128 KB, random pages',
    size: 131_072,
    goals: { memory: 0.8 },
    moonshot: 0.85,
    others: [
      'least',
      'no memory',
      'sirv',
      'sirv dev',
      'express.static',
      '@fastify/static',
      'hono serveStatic',
      'nginx',
    ],
  },
  {
    name: '16 KB, as on real sites (Zipf)',
    size: 16_384,
    order: 'zipf',
    goals: { memory: 0.8 },
    others: ['nginx'],
  },
  { name: '16 KB, one page', size: 16_384, pages: 1, goals: {}, others: ['nginx'] },
  {
    name: '16 KB, brotli',
    size: 16_384,
    variants: ['br'],
    headers: gzipBr,
    goals: { memory: 0.6 },
    others: [],
  },
  { name: '16 KB, 304', size: 16_384, conditional: true, goals: { memory: 0.55 }, others: ['nginx'] },
  { name: '16 KB, HEAD', size: 16_384, method: 'HEAD', goals: {}, others: ['nginx'] },
  ...['express', 'fastify', 'koa', 'hono'].map((framework) => ({
    name: `16 KB, random pages, under ${framework}`,
    size: 16_384,
    floor: `${framework}, a constant`,
    goals: { [framework]: 0.75 },
    others: [],
  })),
];

/** One answer, whole, with its fields as they are written. */
function answerOf(port, target, { headers = [], method = 'GET' }) {
  const fields = Object.fromEntries(headers.map((line) => line.split(': ')));
  return new Promise((resolve, reject) => {
    const options = { port, path: target, method, headers: fields, agent: false };
    get(options, (res) => {
      let bytes = 0;
      res.on('data', (chunk) => {
        bytes += chunk.length;
      });
      res.on('end', () => {
        const pairs = res.rawHeaders
          .map((name, at) => [name, res.rawHeaders[at + 1]])
          .filter((_, at) => at % 2 === 0);
        resolve({
          status: res.statusCode,
          bytes,
          headers: pairs.filter(([name]) => !/^(?:date|connection|keep-alive)$/i.test(name)),
        });
      });
    }).on('error', reject);
  });
}

/** Runs one case: all servers in turns, so that what else the machine does hits all of them. */
async function compare(folder, one, say) {
  const {
    size,
    variants,
    order = 'random',
    pages = PAGES,
    method = 'GET',
    headers = [],
    goals,
    others,
  } = one;
  const cacheDir = join(folder, 'tree');
  await fillTree(cacheDir, { pages, size, variants });
  // Until the files are old enough to be kept.
  await sleep(100);
  const wanted = { cacheDir, maxMemory: MEMORY };
  const targets = targetsOf(pages);
  const servers = {};
  const missing = {};
  const names = [...Object.keys(goals), ...(Object.keys(goals).length === 0 ? ['memory'] : []), ...others];
  try {
    const model = await startServer(url, { kind: 'memory', ...wanted });
    let sent = headers;
    if (one.conditional) {
      // All files get one time, so that one condition is true of all of them.
      sent = ['If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT'];
      await touchAll(cacheDir, targets);
    }
    const {
      status,
      bytes,
      headers: same,
    } = await answerOf(model.port, targets[0], { headers: sent, method });
    await model.stop();
    servers.floor = await startServer(url, {
      kind: one.floor ?? 'floor',
      size: method === 'HEAD' ? size : bytes,
      headers: same,
      status,
    });
    for (const kind of names) {
      try {
        if (kind === 'nginx') peer('nginx', 'nginx-light', '-v');
        servers[kind] =
          kind === 'nginx'
            ? await startNginx(join(folder, 'nginx'), cacheDir)
            : await startServer(url, { kind, ...wanted, headers: same, targets });
      } catch (error) {
        missing[kind] = error.message;
      }
    }
    const asked = { targets, order, method, headers: sent };
    // A server that has run for a while: its code is compiled, and what it keeps in memory is there.
    for (let pass = 0; pass < 4; pass += 1) {
      for (const server of Object.values(servers))
        await load(server, { ...asked, order: 'once', connections: 8 });
    }
    const rounds = Object.fromEntries(Object.keys(servers).map((kind) => [kind, []]));
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const [kind, server] of Object.entries(servers)) {
        const result = await load(server, { ...asked, seconds: SECONDS, seed: round + 1 });
        if (Object.keys(result.statuses).some((other) => other !== String(status))) {
          throw new Error(`${kind} answered ${JSON.stringify(result.statuses)} in place of ${status}`);
        }
        if (round > 0) rounds[kind].push(result);
      }
    }
    return summarise(one, rounds, missing, say);
  } finally {
    for (const server of Object.values(servers)) await server.stop();
    await rm(cacheDir, { recursive: true, force: true });
  }
}

async function touchAll(cacheDir, targets) {
  for (const target of targets) await utimes(join(cacheDir, target), 784_111_777, 784_111_777);
  await sleep(100);
}

function summarise({ name, goals, moonshot }, rounds, missing, say) {
  const of = (kind, field) => median(rounds[kind].map((result) => result[field]));
  const floor = {
    perSecond: of('floor', 'perSecond'),
    p99: of('floor', 'p99'),
    cpu: of('floor', 'cpuMicroseconds'),
  };
  const found = {};
  for (const kind of Object.keys(rounds)) {
    const ratio = of(kind, 'perSecond') / floor.perSecond;
    const goal = goals[kind];
    found[kind] = {
      perSecond: Math.round(of(kind, 'perSecond')),
      ratio: rounded(ratio),
      cpuMicroseconds: rounded(of(kind, 'cpuMicroseconds')),
      cpuRatio: rounded(floor.cpu / of(kind, 'cpuMicroseconds')),
      p50: rounded(of(kind, 'p50')),
      p99: rounded(of(kind, 'p99')),
      p99Ratio: rounded(of(kind, 'p99') / floor.p99),
      ...(goal !== undefined && { goal, reached: ratio >= goal }),
      ...(goal !== undefined && moonshot !== undefined && { moonshot, moonshotReached: ratio >= moonshot }),
    };
    const { perSecond, cpuRatio, p99Ratio } = found[kind];
    const aim = goal === undefined ? '' : `, goal ${goal}`;
    say(
      `${name.padEnd(40)} ${kind.padEnd(22)} ${String(perSecond).padStart(6)}/s  ${found[kind].ratio} of the floor ` +
        `(${cpuRatio} by processor time${aim}), p99 times ${p99Ratio}`,
    );
  }
  for (const [kind, why] of Object.entries(missing)) {
    say(`${name.padEnd(40)} ${kind.padEnd(22)} left out: ${why}`);
    found[kind] = { leftOut: why };
  }
  return found;
}

/** Every page once, by a server that has just begun: with a memory that is empty, and with none. */
async function compareCold(folder, say) {
  const cacheDir = join(folder, 'cold');
  await fillTree(cacheDir, { pages: PAGES, size: 16_384 });
  await sleep(100);
  const rounds = { memory: [], 'no memory': [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const kind of Object.keys(rounds)) {
      const server = await startServer(url, { kind, cacheDir, maxMemory: MEMORY });
      try {
        // Compiled code, from pages that are not counted.
        await load(server, { targets: targetsOf(PAGES).slice(0, 20), seconds: 0.5, connections: 8 });
        const result = await load(server, {
          targets: targetsOf(PAGES).slice(20),
          order: 'once',
          connections: 8,
        });
        if (round > 0) rounds[kind].push(result);
      } finally {
        await server.stop();
      }
    }
  }
  await rm(cacheDir, { recursive: true, force: true });
  const of = (kind, field) => rounded(median(rounds[kind].map((result) => result[field])));
  const ratio = rounded(of('memory', 'p99') / of('no memory', 'p99'));
  say(
    `16 KB, each page once, memory empty: p99 ${of('memory', 'p99')} ms, times ${ratio} of reading alone (goal 2)`,
  );
  return {
    p99: of('memory', 'p99'),
    p99OfAPoolRead: of('no memory', 'p99'),
    ratio,
    goal: 2,
    reached: ratio <= 2,
  };
}

export async function run({ say }) {
  const folder = await mkdtemp(join(process.env.DISK ?? tmpdir(), 'pagetree-bench-'));
  const results = {};
  try {
    for (const one of cases) {
      if (one.name.includes(ONLY)) results[one.name] = await compare(folder, one, say);
    }
    if ('cold'.includes(ONLY)) results['cold, 16 KB'] = await compareCold(folder, say);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return {
    pinned: canPin,
    pages: PAGES,
    rounds: ROUNDS,
    seconds: SECONDS,
    connections: 32,
    maxMemory: MEMORY,
    results,
  };
}
