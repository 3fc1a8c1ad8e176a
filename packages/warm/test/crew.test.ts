/** Threads beside the main one, as they are installed: a thread loads what was built. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type * as Crews from '../src/fetch/crew.ts';
import type { Heard } from '../src/fetch/gate.ts';
import type { Tried } from '../src/fetch/page.ts';
import type { FetchStep } from '../src/plan/plan.ts';
import { leftovers, newFolder } from './support/folders.ts';
import { type Origin, startOrigin } from './support/origin.ts';

const built = new URL('../dist/fetch/crew.js', import.meta.url).href;
const { Crew } = (await import(/* @vite-ignore */ built)) as typeof Crews;

let origin: Origin;
let cacheDir: string;
let crew: Crews.Crew;
let here: string[];
let keys: string[];

beforeAll(async () => {
  origin = await startOrigin();
});
afterAll(() => origin.close());
beforeEach(() => {
  cacheDir = join(newFolder(), 'cache');
  here = [];
  keys = [];
});
afterEach(async () => {
  await crew.close();
  expect(leftovers(cacheDir)).toEqual([]);
});

const stepOf = (target: string): FetchStep => ({
  ...{ kind: 'fetch', target, url: origin.url + target, source: 'urls', line: 1 },
});
const nowhere: Tried = { result: { outcome: 'failed', reason: 'busy' }, heard: { kind: 'unused' } };

function begin(tree: object = {}): void {
  crew = new Crew({
    data: {
      tree: { cacheDir, variants: false, durability: 'none', ...tree },
      seconds: 30,
      client: {
        origin: { href: origin.url, host: origin.url.slice('http://'.length) },
        addresses: [origin.url],
        host: undefined,
        concurrency: 8,
        times: { connect: 10, firstByte: 30, whole: 30 },
        headers: {},
        connect: {},
      },
      rules: {
        freshness: { refresh: false, olderThan: undefined, lastmod: false },
        checks: { mustContain: [], mustNotContain: [], minSize: 0 },
        follow: true,
        anew: false,
      },
    },
    here: async ({ step }) => {
      here.push(step.target);
      return nowhere;
    },
    onKey: (key) => void keys.push(key),
    threads: 1,
  });
}

/** Keeps this thread so busy that one is begun beside it. */
async function work(): Promise<void> {
  for (let page = 0; page < 256; page += 1) {
    const until = performance.now() + 1;
    while (performance.now() < until);
    await crew.make({ step: stepOf('/') }, () => {});
  }
}

async function untilReady(): Promise<void> {
  while (crew.threads === 0) await new Promise(setImmediate);
  here = [];
}

it('begins a thread when this one is busy, and says of its pages what this one would', async () => {
  begin();
  await work();
  expect(here).toHaveLength(256);
  await untilReady();
  origin.routes['/moved'] = (response) => response.writeHead(301, { location: '/there' }).end();
  const heard: Heard[] = [];
  const targets = ['/a', '/b', '/status/404', '/moved', '/short'];
  // A page goes to who has fewest, so one at a time they all go to the thread.
  const told: string[] = [];
  for (const target of targets) {
    const { result, way } = await crew.make({ step: stepOf(target) }, (one) => heard.push(one));
    told.push(way?.join() ?? result.reason ?? `${result.outcome} ${result.place}`);
    if (way === undefined) continue;
    const followed = await crew.make({ step: stepOf(target), way }, (one) => heard.push(one));
    told.push(`${followed.result.outcome} ${followed.result.place}`);
  }
  expect(told.slice(0, 5)).toEqual(['stored a', 'stored b', 'status', '/there', 'stored there']);
  expect([here, keys]).toEqual([[], ['/there']]);
  expect(heard.length).toBeGreaterThanOrEqual(3);
  expect(['a', 'b', 'there'].map((place) => existsSync(join(cacheDir, place)))).toEqual([true, true, true]);
  expect((await crew.make({ step: stepOf('/a') }, () => {})).result).toMatchObject({ outcome: 'present' });
});

it('shares pages with this thread, and ends what hangs in the other one', async () => {
  begin();
  await work();
  await untilReady();
  const made = [
    crew.make({ step: stepOf('/hang/head') }, () => {}),
    crew.make({ step: stepOf('/b') }, () => {}),
  ];
  expect(here).toEqual(['/b']);
  while (origin.asked.get('/hang/head') === undefined) await new Promise(setImmediate);
  crew.stop();
  expect((await made[0]!).result).toMatchObject({ outcome: 'failed', reason: 'stopped' });
});

it('makes all pages here when a thread cannot be begun', async () => {
  begin({ layout: 'none of them' });
  await work();
  await work();
  expect([here.length, crew.threads]).toEqual([512, 0]);
});

it('makes all pages here when an option cannot be told to a thread', async () => {
  begin({ shouldStore: () => true });
  await work();
  await work();
  expect([here.length, crew.threads]).toEqual([512, 0]);
});
