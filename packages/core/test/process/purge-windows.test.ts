/** The windows of a purge that the races of `purge-is-final.test.ts` found, each held open by a barrier. */
import fs from 'node:fs';
import { createPageCache, type PageCache } from '@pagetree/core';
import { expect, it } from 'vitest';
import { fillsIn, temporaryFolder } from './processes.ts';
import { barrier, type Watch, watchedIo } from './windows.ts';

const options = { durability: 'none', variants: false, coalesce: false } as const;

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
  ['an age', { olderThan: 0 }],
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
    if (path !== file()) return;
    if (call === 'link' && when === 'before') {
      about.pass();
      await go.passed;
    }
    if (call === 'unlink' && when === 'after') moved.pass();
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
  expect(fillsIn(cacheDir)).toEqual([]);
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

it('counts no variant of the top folder as a page when everything is purged', async () => {
  const cacheDir = `${temporaryFolder()}/tree`;
  const cache = createPageCache({ cacheDir, durability: 'none', variants: ['gzip'] });
  const text = '<p>text</p>'.repeat(500);
  expect(await (await render(cache, '/top', text))()).toBe('stored');
  expect(fs.existsSync(`${cacheDir}/top.gz`)).toBe(true);
  expect(await cache.purge({ all: true })).toMatchObject({ pages: 1, bytes: text.length });
  expect(fs.readdirSync(`${cacheDir}/.pagetree/trash`)).toEqual([]);
});

it('a publish that a purge overtook between meta and body takes its meta back', async () => {
  const cacheDir = `${temporaryFolder()}/tree`;
  const purger = openCache(cacheDir);
  let overtaken = false;
  const filler = openCache(cacheDir, async (when, call, path) => {
    if (overtaken || when !== 'after' || call !== 'rename' || !path.endsWith('.meta')) return;
    overtaken = true;
    // It takes every permission, since a fill does not say what its tags are, but removes no page of another tag.
    await purger.purge({ tag: 'another' });
  });
  expect(await (await render(filler, '/a', 'new'))()).toBe('fenced');
  expect(overtaken).toBe(true);
  const findings = [];
  for await (const finding of purger.verify()) findings.push(finding);
  expect(findings).toEqual([]);
});

it('leaves nothing in the trash when a rename that was under way ends in a folder that was buried', async () => {
  const cacheDir = `${temporaryFolder()}/tree`;
  const filler = openCache(cacheDir);
  expect(await (await render(filler, '/a/b', 'old'))()).toBe('stored');
  let late = false;
  const purger = openCache(cacheDir, (when, call, path) => {
    if (late || when !== 'before' || call !== 'rmdir' || !/\/trash\/[^/]+\/a$/.test(path)) return;
    late = true;
    fs.writeFileSync(`${path}/late`, 'late');
  });
  await purger.purge({ all: true });
  expect(late).toBe(true);
  expect(fs.readdirSync(`${cacheDir}/.pagetree/trash`)).toEqual([]);
});
