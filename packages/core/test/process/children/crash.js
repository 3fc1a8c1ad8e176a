/** Does one job over a tree and kills its own process at the n-th file call. */
import { createPageCache } from '@pagetree/core';
import { directIo } from '../../../dist/store/direct-io.js';
import { bodyOf, get, html } from './pages.js';
import { serve } from './serve.js';

const die = () => process.kill(process.pid, 'SIGKILL');

/** File calls that are counted; the n-th is not made, or with `half` only half of it. */
function dyingIo(at, half, calls) {
  const before = (call, args) => {
    calls.push(call);
    if (calls.length !== at) return;
    if (half && call === 'write') directIo.write(args[0], args[1].subarray(0, args[1].length >> 1), args[2]);
    if (half && call === 'append') directIo.append(args[0], args[1].slice(0, args[1].length >> 1), args[2]);
    die();
  };
  const io = {};
  for (const call of Object.keys(directIo)) {
    io[call] = (...args) => {
      before(call, args);
      return directIo[call](...args);
    };
  }
  return io;
}

const sizes = { small: 2000, large: 150_000 };

async function store(cache, target, version, size = sizes.small, type = html) {
  const found = await cache.lookup(get(target), { refresh: true });
  if (found.kind !== 'miss' || !found.ticket) return found.reason ?? found.kind;
  const headers = { ...type, 'content-language': `x-${version}`, 'cache-tag': 't' };
  const fill = found.ticket.begin({ status: 200, headers });
  const body = bodyOf(target, version, size);
  for (let from = 0; from < body.length; from += 40_000) fill.write(body.subarray(from, from + 40_000));
  const outcome = await fill.commit();
  return outcome.kind === 'stored' ? 'stored' : `${outcome.reason} ${outcome.detail}`;
}

serve({
  /** Returns the names of the calls when the job was done before the n-th. */
  async run({ cacheDir, job, at, half, options }) {
    const calls = [];
    const cache = createPageCache({ cacheDir, ...options }, { io: dyingIo(at, half, calls) });
    const [what, argument] = job;
    if (what === 'store') await store(cache, argument, 2, job[2] ?? undefined, job[3]);
    else if (what === 'purge') await cache.purge(argument);
    else await cache.sweep();
    await cache.close();
    return calls;
  },
});
