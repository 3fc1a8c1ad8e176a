/** A page that is removed or replaced, by any means, is not served again: not once, idle or under load, pipelined or not. */
import { execFile } from 'node:child_process';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type KeptSite, keepAll, keptSite, LONG, talk } from './support.ts';
import type { Talk } from './talk.ts';

const run = promisify(execFile);
const PAGES = LONG ? 20_000 : 400;

const targetOf = (index: number): string => `/section-${index % 20}/page-${index}`;
const OLD = 'the old page';

interface Loaded {
  readonly made: KeptSite;
  readonly targets: readonly string[];
  /** Pages that no later request may get. */
  readonly gone: Set<string>;
}

/** A site with all of its pages in memory. */
async function loaded(): Promise<Loaded> {
  const made = await keptSite({ maxMemory: 512 * 1024 * 1024 });
  const targets = Array.from({ length: PAGES }, (_, index) => targetOf(index));
  for (let section = 0; section < 20; section += 1) await mkdir(join(made.dir, `section-${section}`));
  for (const target of targets) await writeFile(join(made.dir, target), `${OLD} ${target} `.repeat(20));
  await keepAll(made, targets);
  return { made, targets, gone: new Set() };
}

/** Asks for a page, and tells whether the answer is one that may not come any more when the question is sent. */
async function isStale(connection: Talk, { gone }: Loaded, target: string): Promise<boolean> {
  const wasGone = gone.has(target);
  const { text, status } = await connection.ask(target);
  if (status !== 200) throw new Error(`${target} was answered with ${status}`);
  return wasGone && text.startsWith(OLD);
}

/** Clients that ask for pages without a pause, some before earlier answers came. */
function hammer(
  site: Loaded,
  clients: number,
  ahead: number,
): () => Promise<{ stale: number; asked: number }> {
  let [stale, asked, stop] = [0, 0, false];
  const client = async (seed: number): Promise<void> => {
    const connection = talk(site.made.port);
    for (let at = seed; !stop; at += ahead * 7919) {
      const answers = Array.from({ length: ahead }, (_, step) =>
        isStale(connection, site, targetOf((at + step * 7919) % PAGES)),
      );
      for (const answer of await Promise.all(answers)) {
        asked += 1;
        if (answer) stale += 1;
      }
    }
  };
  const clientsDone = Promise.all(Array.from({ length: clients }, (_, seed) => client(seed)));
  return async () => {
    stop = true;
    await clientsDone;
    return { stale, asked };
  };
}

/** How pages go: each step removes or replaces some, and returns which. */
const ways: Record<string, (site: Loaded, index: number) => Promise<readonly string[]>> = {
  async 'rm of one page after the other'({ made }, index) {
    await rm(join(made.dir, targetOf(index)));
    return [targetOf(index)];
  },
  async 'rm by another process'({ made }, index) {
    if (index >= (LONG ? 500 : 40)) return [];
    await run('rm', [join(made.dir, targetOf(index))]);
    return [targetOf(index)];
  },
  async 'replacement by rename'({ made }, index) {
    const path = join(made.dir, targetOf(index));
    // Of the same size, so that only its identity tells it.
    await writeFile(`${path}.tmp`, `the new page ${targetOf(index)} `.repeat(20));
    await rename(`${path}.tmp`, path);
    return [targetOf(index)];
  },
  async 'moved parents'({ made, targets }, index) {
    if (index >= 20) return [];
    await rename(join(made.dir, `section-${index}`), join(made.dir, `moved-${index}`));
    return targets.filter((target) => target.startsWith(`/section-${index}/`));
  },
  async 'rm -rf of everything'({ made, targets }, index) {
    if (index > 0) return [];
    await run('sh', ['-c', 'rm -rf "$1"/section-*', 'sh', made.dir]);
    return targets;
  },
  async 'a purge of everything'({ made, targets }, index) {
    if (index > 0) return [];
    await made.pages.cache.purge({ all: true });
    return targets;
  },
};

describe(`${PAGES} pages in memory`, () => {
  for (const [way, remove] of Object.entries(ways)) {
    for (const [load, clients, ahead] of [
      ['idle', 0, 0],
      ['under load', 8, 1],
      ['under pipelined load', 4, 8],
    ] as const) {
      it(`${way}, ${load}: no answer is stale`, async () => {
        const site = await loaded();
        const connection = talk(site.made.port);
        await connection.ask(targetOf(0));
        const finish = clients > 0 ? hammer(site, clients, ahead) : undefined;
        let [stale, removed] = [0, 0];
        for (let index = 0; index < PAGES; index += 1) {
          const gone = await remove(site, index);
          for (const target of gone) site.gone.add(target);
          removed += gone.length;
          // All of them at once, on a connection that is open already, as soon as the removal has returned.
          const answers = gone.map((target) => isStale(connection, site, target));
          for (const answer of await Promise.all(answers)) if (answer) stale += 1;
        }
        expect(removed).toBeGreaterThan(0);
        expect(stale).toBe(0);
        if (finish) {
          const found = await finish();
          expect(found.stale).toBe(0);
          expect(found.asked).toBeGreaterThan(10);
        }
      }, 600_000);
    }
  }
});
