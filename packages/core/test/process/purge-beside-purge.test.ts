/**
 * A rename that the kernel has begun has its folder in hand: only that its file is unlinked stops it. A purge that comes
 * while another one is about to do that must not rely on it.
 */
import fs from 'node:fs';
import { basename, dirname } from 'node:path';
import { createPageCache } from '@pagetree/core';
import { expect, it } from 'vitest';
import type { Io } from '../../src/store/io.ts';
import { createPoolIo } from '../../src/store/pool-io.ts';
import { html } from './children/pages.js';
import { temporaryFolder } from './processes.ts';
import { barrier, watchedIo } from './windows.ts';

const options = { durability: 'none', variants: false, coalesce: false } as const;

it('a purge that another purge overlaps is final when it resolves', async () => {
  const cacheDir = `${temporaryFolder()}/tree`;
  const page = `${cacheDir}/a`;
  const [inHand, go, taken, empty] = [barrier(), barrier(), barrier(), barrier()];
  const plain = createPoolIo(2);
  const io: Io = {
    ...plain,
    async rename(from, to) {
      if (to !== page) return plain.rename(from, to);
      // What the kernel does: it looks the folder up, and then (here: a long while later) the name in it.
      const folder = fs.openSync(dirname(from), 'r');
      inHand.pass();
      await go.passed;
      fs.renameSync(`/proc/self/fd/${folder}/${basename(from)}`, to);
    },
  };
  const filler = createPageCache({ cacheDir, ...options }, { io });
  const found = await filler.lookup({ method: 'GET', target: '/a', headers: {} });
  if (found.kind !== 'miss') throw new Error(found.kind);
  const fill = found.ticket!.begin({ status: 200, headers: html })!;
  fill.write(Buffer.from('from before both purges'));
  const storing = fill.commit();
  await inHand.passed;

  const slow = createPageCache(
    { cacheDir, ...options },
    {
      io: watchedIo(async (when, call, path) => {
        if (when !== 'before' || call !== 'unlink' || !path.includes('/fills/')) return;
        taken.pass();
        await empty.passed;
      }),
    },
  );
  const purging = slow.purge({ path: '/a' });
  await taken.passed;
  const quick = createPageCache({ cacheDir, ...options });
  await quick.purge({ path: '/a' });
  go.pass();
  await storing;
  const there = fs.existsSync(page);
  empty.pass();
  await purging;
  expect(there).toBe(false);
});
