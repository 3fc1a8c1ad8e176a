/** Readers while one page is stored and purged without end: each read is one whole version. */
import { setImmediate as turn } from 'node:timers/promises';
import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { LONG } from '../support/long.ts';
import { get, html, leftovers, newCache, store } from '../support/tree.ts';

const ROUNDS = LONG ? 50_000 : 1000;

for (const io of ['direct', 'pool'] as const) {
  test(`io ${io}: every read is one whole version, its header and its variant agree with it, and none is older than the last purge`, async () => {
    const { cache, root } = newCache({ io, variants: ['gzip'], coalesce: false });
    const other = newCache({ cacheDir: root, io: 'pool', coalesce: false, variants: ['gzip'] }).cache;
    let [version, purged, reads, stop] = [0, 0, 0, false];
    const bodyOf = (one: number): string => `<p>version ${one};</p>`.repeat(100 + (one % 50));
    const writer = (async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        version += 1;
        await store(
          round % 2 ? cache : other,
          '/k',
          bodyOf(version),
          html({ 'content-language': String(version) }),
          { refresh: true },
        );
        if (round % 5 === 0) {
          const last = version;
          await (round % 10 ? other : cache).purge(round % 15 ? { path: '/k' } : { all: true });
          purged = last;
        }
      }
      stop = true;
    })();
    const read = async (reader: typeof cache): Promise<void> => {
      while (!stop) {
        // Calls that block would never let the writer's turn come.
        await turn();
        const floor = purged;
        const found = await reader.lookup(get('/k'));
        if (found.kind === 'miss') {
          found.ticket?.abandon('unfinished');
          await found.ticket?.outcome;
        }
        if (found.kind !== 'hit') continue;
        reads += 1;
        const { page } = found;
        const small = await (await page.body('gzip'))?.bytes();
        const text = String(await (await page.body())!.bytes());
        const seen = Number(/version (\d+);/.exec(text)![1]);
        if (text !== bodyOf(seen)) throw new Error(`a torn page: ${text.slice(0, 60)}`);
        if (small && zlib.gunzipSync(small).toString() !== text)
          throw new Error('the variant is of another version');
        const language = page.headers[0]?.[1];
        if (language !== undefined && language !== String(seen))
          throw new Error(`header of ${language} with body of ${seen}`);
        if (seen <= floor) throw new Error(`${seen} was read after ${floor} was purged`);
      }
    };
    await Promise.all([writer, read(cache), read(cache), read(other)]);
    expect(reads).toBeGreaterThan(100);
    expect(leftovers(root)).toEqual([]);
  }, 300_000);
}
