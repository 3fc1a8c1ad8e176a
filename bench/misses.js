import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canPin, load, startServer } from './hits/pinned.js';
import { median, rounded } from './timed.js';

export const question = 'What does storing cost the visitors whose pages are not there yet?';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 3);
/** Not measured: an idle server stores all it can at first, and then finds its pace. */
const WARMUP = Number(process.env.WARMUP ?? 3);

/** What each application must keep of its throughput, and by how much its slowest answers may be slower. */
const cases = [
  { name: 'a constant at once', application: 'constant', connections: 32, goal: 0.5 },
  { name: 'works 5 ms a page', application: 'works', connections: 16, goal: 0.95, p99Goal: 1.2 },
  { name: 'waits 5 ms a page', application: 'waits', connections: 16, goal: 0.95, p99Goal: 1.2 },
  { name: '1 MB streamed in 16 KB chunks', application: 'streams', connections: 16, goal: 0.9 },
];

const url = new URL('misses/server.js', import.meta.url);

async function outcomesOf({ port }) {
  const { outcomes, rss } = await (await fetch(`http://127.0.0.1:${port}/outcomes`)).json();
  return { outcomes, megabytes: Math.round(rss / 1e6) };
}

export async function run({ say }) {
  const folder = await mkdtemp(join(process.env.DISK ?? tmpdir(), 'pagetree-bench-'));
  const results = {};
  try {
    for (const one of cases) {
      const { name, application, connections, goal, p99Goal } = one;
      const servers = {
        off: await startServer(url, { application }),
        on: await startServer(url, { application, cacheDir: join(folder, application) }),
      };
      const rounds = { off: [], on: [] };
      try {
        for (let round = 1; round <= ROUNDS; round += 1) {
          for (const [which, server] of Object.entries(servers)) {
            rounds[which].push(
              await load(server, {
                connections,
                seconds: SECONDS,
                warmup: WARMUP,
                targets: ['/page/'],
                order: 'fresh',
                seed: round,
              }),
            );
          }
        }
        const of = (which, field) => median(rounds[which].map((result) => result[field]));
        const found = await outcomesOf(servers.on);
        const ratio = of('on', 'perSecond') / of('off', 'perSecond');
        const p99 = of('on', 'p99') / of('off', 'p99');
        results[name] = {
          offPerSecond: Math.round(of('off', 'perSecond')),
          onPerSecond: Math.round(of('on', 'perSecond')),
          ratio: rounded(ratio),
          goal,
          reached: ratio >= goal,
          p99Off: rounded(of('off', 'p99')),
          p99On: rounded(of('on', 'p99')),
          p99Ratio: rounded(p99),
          ...(p99Goal && { p99Goal, p99Reached: p99 <= p99Goal }),
          cpuRatio: rounded(of('off', 'cpuMicroseconds') / of('on', 'cpuMicroseconds')),
          firstByteP50Off: rounded(of('off', 'firstByteP50')),
          firstByteP50On: rounded(of('on', 'firstByteP50')),
          ...found,
        };
        say(
          `${name.padEnd(32)} ${results[name].ratio} of ${results[name].offPerSecond}/s (goal ${goal}; ${results[name].cpuRatio} by processor time), p99 times ${results[name].p99Ratio}, ` +
            `${found.outcomes.stored ?? 0} stored, ${found.megabytes} MB`,
        );
      } finally {
        for (const server of Object.values(servers)) await server.stop();
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { pinned: canPin, rounds: ROUNDS, seconds: SECONDS, warmup: WARMUP, results };
}
