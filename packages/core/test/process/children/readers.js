/** Readers of one page that know nothing of the cache, as a web server, and who stores and purges it all the time. */
import fs from 'node:fs';
import zlib from 'node:zlib';
import { createPageCache } from '@pagetree/core';
import { bodyOf, get, html, turn, versionIn } from './pages.js';
import { serve } from './serve.js';

const KEY = '/page';
const SIZE = 150_000;
let stopping = false;

function open(path) {
  try {
    return fs.openSync(path);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

serve({
  async read({ cacheDir }) {
    const counts = { bodies: 0, variants: 0, pairs: 0, absent: 0 };
    while (!stopping) {
      const fds = ['', '.gz', '.br'].map((suffix) => open(`${cacheDir}${KEY}${suffix}`));
      const [body, gz, br] = fds.map(
        (fd) => fd && { bytes: fs.readFileSync(fd), at: fs.fstatSync(fd).mtimeMs },
      );
      for (const fd of fds) if (fd !== undefined) fs.closeSync(fd);
      if (body) {
        versionIn(body.bytes, KEY, SIZE);
        counts.bodies += 1;
      } else counts.absent += 1;
      for (const [variant, expand] of [
        [gz, zlib.gunzipSync],
        [br, zlib.brotliDecompressSync],
      ]) {
        if (!variant) continue;
        const whole = expand(variant.bytes);
        versionIn(whole, KEY, SIZE);
        counts.variants += 1;
        if (body?.at !== variant.at) continue;
        counts.pairs += 1;
        if (!whole.equals(body.bytes)) throw new Error('body and variant of one time differ');
      }
      await turn();
    }
    return counts;
  },
  stop() {
    stopping = true;
  },
  async change({ cacheDir, times, io }) {
    const cache = createPageCache({ cacheDir, io, durability: 'none', coalesce: false });
    const outcomes = {};
    for (let version = 1; version <= times; version += 1) {
      if (version % 4 === 0) await cache.purge(version % 8 === 0 ? { all: true } : { path: KEY });
      const { ticket } = await cache.lookup(get(KEY), { refresh: true });
      const fill = ticket?.begin({ status: 200, headers: html });
      fill?.write(bodyOf(KEY, version, SIZE));
      const outcome = await fill?.commit();
      const name = outcome?.kind === 'stored' ? 'stored' : (outcome?.reason ?? 'busy');
      outcomes[name] = (outcomes[name] ?? 0) + 1;
      await turn();
    }
    await cache.close();
    return outcomes;
  },
});
