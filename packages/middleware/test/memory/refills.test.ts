/** Under load, while pages are stored, refreshed, purged and removed: every answer is one whole version of one page. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { plain, site } from '../support/site.ts';
import type { Wire } from '../support/wire.ts';
import { counted, LONG, talk } from './support.ts';

const PAGES = 12;
const STEPS = LONG ? 5000 : 250;

const bodyOf = (target: string, version: number): string =>
  `<p>${target} version ${version};</p>\n`.repeat(60 + (version % 70));

function textOf({ headers, body }: Wire): string {
  return (headers['content-encoding'] === 'br' ? brotliDecompressSync(body) : body).toString();
}

const versionIn = (wire: Wire): number => Number(/version (\d+);/.exec(textOf(wire))?.[1]);

/** What does not agree in an answer; `undefined`: all of it does. */
function faultOf(target: string, wire: Wire): string | undefined {
  const { status, headers, body, whole } = wire;
  if (status !== 200 || !whole) return `status ${status}, ${whole ? 'whole' : 'cut'}`;
  const text = textOf(wire);
  const version = versionIn(wire);
  if (text !== bodyOf(target, version)) return `a mixed body: ${text.slice(0, 80)}`;
  const language = headers['content-language'];
  if (language !== `x-${version}`) return `field of ${language}, body of ${version}`;
  if (headers['cache-status'] !== 'pagetree; hit') return undefined;
  if (headers['content-length'] !== `${body.length}`)
    return `length ${headers['content-length']} of ${body.length}`;
  const [seconds, size] = headers.etag!.slice(1, -1).split('-');
  if (Number.parseInt(size!, 16) !== body.length) return `tag ${headers.etag} of ${body.length} bytes`;
  const modified = Number.parseInt(seconds!, 16) * 1000;
  return new Date(modified).toUTCString() === headers['last-modified']
    ? undefined
    : `tag ${headers.etag}, time ${headers['last-modified']}`;
}

it(`${STEPS} purges and removals under load: no error, no mixed body, and nothing that was purged comes again`, async () => {
  const versions = new Map<string, number>();
  const made = counted(
    await site(
      plain((req, res) => {
        const target = req.url!;
        const version = (versions.get(target) ?? 0) + 1;
        versions.set(target, version);
        res.writeHead(200, {
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Language': `x-${version}`,
        });
        res.end(bodyOf(target, version));
      }),
      { variants: ['br'], coalesce: 'process' },
    ),
  );
  const targets = Array.from({ length: PAGES }, (_, index) => `/section-${index % 3}/page-${index}`);
  /** No answer to a later request may be older. */
  const floors = new Map<string, number>();
  const faults: string[] = [];
  let [answers, hits, stop] = [0, 0, false];
  const client = async (seed: number): Promise<void> => {
    const connection = talk(made.port);
    for (let at = seed; !stop; at += 1) {
      const asked = Array.from(
        { length: 1 + (seed % 3) },
        (_, step) => targets[(at * 7 + step * 5) % PAGES]!,
      );
      await Promise.all(
        asked.map(async (target) => {
          const floor = floors.get(target) ?? 0;
          const wire = await connection.ask(target, at % 2 ? ['Accept-Encoding: br'] : []);
          answers += 1;
          hits += wire.headers['cache-status'] === 'pagetree; hit' ? 1 : 0;
          const version = versionIn(wire);
          const fault =
            faultOf(target, wire) ??
            (version <= floor ? `version ${version} after ${floor} was removed` : undefined);
          if (fault !== undefined) faults.push(`${target}: ${fault}`);
        }),
      );
    }
  };
  const clients = Promise.all(Array.from({ length: 6 }, (_, seed) => client(seed)));
  const { cache } = made.pages;
  for (let step = 0; step < STEPS; step += 1) {
    const target = targets[(step * 5) % PAGES]!;
    const before = new Map(versions);
    const isBelow = step % 11 === 0;
    if (isBelow) await cache.purge({ path: '/section-1', recursive: true });
    else if (step % 3 === 0) await cache.purge({ path: target });
    else await rm(join(made.dir, target), { force: true });
    for (const one of isBelow ? targets.filter((name) => name.startsWith('/section-1/')) : [target]) {
      // A purge takes away what was rendered before; `rm` takes the file, and a render under way may still be stored.
      if (isBelow || step % 3 === 0) floors.set(one, before.get(one) ?? 0);
    }
    // Between two steps the clients get to see pages from memory.
    const until = made.lookups + 3;
    const enough = answers + 60;
    while (made.lookups < until && answers < enough) await new Promise(setImmediate);
  }
  stop = true;
  await clients;
  expect(faults).toEqual([]);
  expect(hits).toBeGreaterThan(answers / 10);
  expect(made.lookups).toBeLessThan(answers);
}, 600_000);
