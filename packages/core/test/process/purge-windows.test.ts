/** The windows of a purge that the races of `purge-is-final.test.ts` found, each held open by a barrier. */
import fs from 'node:fs';
import { createPageCache, type PageCache } from '@pagetree/core';
import { expect, it } from 'vitest';
import { temporaryFolder } from './processes.ts';
import { barrier, type Watch, watchedIo } from './windows.ts';

const options = { durability: 'none', variants: false } as const;

function openCache(cacheDir: string, watch?: Watch): PageCache {
  return createPageCache({ cacheDir, ...options }, watch ? { io: watchedIo(watch) } : {});
}

/** Renders a page up to its last byte; what is returned stores it. */
async function render(cache: PageCache, target: string, text: string): Promise<() => Promise<string>> {
  const found = await cache.lookup({ method: 'GET', target, headers: {} });
  if (found.kind !== 'miss' || !found.ticket) throw new Error(`${target} is no miss with a ticket`);
  const fill = found.ticket.begin({
    status: 200,
    headers: { 'content-type': 'text/html', 'cache-tag': 't' },
  });
  fill!.write(Buffer.from(text));
  return async () => {
    const outcome = await fill!.commit();
    return outcome.kind === 'stored' ? 'stored' : outcome.reason;
  };
}

/** Texts of all pages in a tree, as a web server sees them. */
function pagesIn(cacheDir: string): Record<string, string> {
  const names = (fs.readdirSync(cacheDir, { recursive: true }) as string[]).filter(
    (name) => !name.startsWith('.pagetree') && name !== 'CACHEDIR.TAG',
  );
  const files = names.filter((name) => fs.statSync(`${cacheDir}/${name}`).isFile());
  return Object.fromEntries(files.map((name) => [name, fs.readFileSync(`${cacheDir}/${name}`, 'utf8')]));
}

it('purges the page that was stored between taking the list of its tag and taking its permission', async () => {
  const cacheDir = `${temporaryFolder()}/tree`;
  const filler = openCache(cacheDir);
  const store = await render(filler, '/a', 'old');
  let stored: string | undefined;
  const purger = openCache(cacheDir, async (when, call, path) => {
    if (when === 'before' && call === 'entries' && path.endsWith('/fills')) stored ??= await store();
  });
  await purger.purge({ tag: 't' });
  expect(stored).toBe('stored');
  expect(pagesIn(cacheDir)).toEqual({});
});

it('still knows the tag of a page that was stored while that tag was purged', async () => {
  const cacheDir = `${temporaryFolder()}/tree`;
  const filler = openCache(cacheDir);
  let stored: string | undefined;
  const purger = openCache(cacheDir, async (when, call, path) => {
    // The list was taken; this render begins while the purge goes on.
    if (when === 'before' && call === 'entries' && path.endsWith('/fills'))
      stored ??= await (await render(filler, '/b', 'new'))();
  });
  await purger.purge({ tag: 't' });
  expect(stored).toBe('stored');
  await filler.purge({ tag: 't' });
  expect(pagesIn(cacheDir)).toEqual({});
});

it.each([
  ['everything', { all: true }],
  ['a prefix', { path: '/x', recursive: true }],
  ['a glob', { glob: '/x/**' }],
  ['a tag', { tag: 't' }],
  ['an age', { olderThan: -5 }],
] as const)('a page that moves into its folder does not slip past a purge of %s', async (_, scope) => {
  const cacheDir = `${temporaryFolder()}/tree`;
  const [seen, purged] = [barrier(), barrier()];
  const mover = openCache(cacheDir, async (when, call, path) => {
    if (when !== 'after' || call !== 'rename' || path !== `${fs.realpathSync(cacheDir)}/x/a`) return;
    // The page is out of the tree now, and in nobody's sight.
    seen.pass();
    await purged.passed;
  });
  expect(await (await render(mover, '/x/a', 'old'))()).toBe('stored');
  let moving: Promise<string> | undefined;
  const purger = openCache(cacheDir, async (when, call, path) => {
    const root = fs.realpathSync(cacheDir);
    // The permissions were taken, the pages come next.
    const looks =
      (call === 'entries' && (path === root || path === `${root}/x`)) ||
      (call === 'rename' && path.startsWith(`${root}/x`)) ||
      (call === 'lstat' && path === `${root}/x/a`);
    if (when === 'before' && looks && !moving) {
      moving = render(mover, '/x/a/b', 'new').then((store) => store());
      await Promise.race([moving, seen.passed]);
    }
  });
  await purger.purge(scope);
  purged.pass();
  expect(moving).toBeDefined();
  await moving;
  expect(Object.values(pagesIn(cacheDir))).not.toContain('old');
  await Promise.all([mover.close(), purger.close()]);
});

it('a page that moves does not come back when a purge took the permission to move it', async () => {
  const cacheDir = `${temporaryFolder()}/tree`;
  const file = (): string => `${fs.realpathSync(cacheDir)}/a`;
  const [about, go, moved] = [barrier(), barrier(), barrier()];
  const mover = openCache(cacheDir, async (when, call, path) => {
    if (call !== 'rename' || path !== file()) return;
    if (when === 'before') {
      about.pass();
      await go.passed;
    } else moved.pass();
  });
  expect(await (await render(mover, '/a', 'old'))()).toBe('stored');
  const moving = render(mover, '/a/b', 'new').then((store) => store());
  await about.passed;
  const purger = openCache(cacheDir, async (when, call, path) => {
    // The purge has the permission; the page goes into its folder just before it is deleted.
    if (when === 'before' && call === 'unlink' && path === file()) {
      go.pass();
      await moved.passed;
    }
  });
  await purger.purge({ path: '/a' });
  await moving;
  expect(Object.values(pagesIn(cacheDir))).not.toContain('old');
  await Promise.all([mover.close(), purger.close()]);
  expect(fs.readdirSync(`${cacheDir}/.pagetree/fills`)).toEqual([]);
});

it('a fill that is taken away while it is made shares no folder with the one that comes after it', async () => {
  const cacheDir = `${temporaryFolder()}/tree`;
  const [first, second, purger] = [openCache(cacheDir), openCache(cacheDir), openCache(cacheDir)];
  let between = false;
  const slow = openCache(cacheDir, async (when, call, path) => {
    // Whatever is made before the body's file, a purge takes it and another fill begins.
    if (between || when !== 'before' || call !== 'create' || !path.endsWith('.body')) return;
    between = true;
    await purger.purge({ path: '/a' });
    stores.push(await render(second, '/a', 'second'));
  });
  const stores: (() => Promise<string>)[] = [];
  const found = await slow.lookup({ method: 'GET', target: '/a', headers: {} }, {});
  expect(between).toBe(true);
  // One of the two has the permission, never both.
  expect(found.kind === 'miss' && found.ticket !== undefined).toBe(false);
  for (const store of stores) await store();
  if (found.kind === 'hit') await found.page.close();
  await Promise.all([first, second, purger, slow].map((cache) => cache.close()));
});
