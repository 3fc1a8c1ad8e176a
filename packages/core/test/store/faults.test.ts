/** Every file call fails, once and for good: the caller always gets an outcome, and nothing is torn or left. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { PagetreeError } from '../../src/errors.ts';
import type { PageCache } from '../../src/page-cache.ts';
import { directIo } from '../../src/store/direct-io.ts';
import type { Io } from '../../src/store/io.ts';
import { createPoolIo } from '../../src/store/pool-io.ts';
import { LONG } from '../support/long.ts';
import {
  aged,
  all,
  get,
  html,
  leftovers,
  newCache,
  openFiles,
  scratchFolder,
  servedGzip,
  store,
  watched,
} from '../support/tree.ts';

const codes = ['EIO', 'ENOSPC', 'EMFILE', 'EROFS', 'EACCES'];
const page = (version: string): string => `<p>${version}</p>`.repeat(300);
const tagged = html({ 'cache-tag': 'news' });

interface Operation {
  readonly before?: (cache: PageCache, root: string) => Promise<unknown>;
  readonly act: (cache: PageCache) => Promise<unknown>;
  /** Keys that are gone after the operation said that it did what it should. */
  readonly removes?: readonly string[];
  /** Versions that may be served by key; nothing else. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
}

const oldPages = async (cache: PageCache): Promise<void> => {
  await store(cache, '/k', page('old'), tagged);
  await store(cache, '/d/x', page('old'), tagged);
};
const old = { '/k': ['old'], '/d/x': ['old'] };

const operations: Record<string, Operation> = {
  store: { act: (cache) => store(cache, '/d/new', page('new'), tagged), versions: { '/d/new': ['new'] } },
  refresh: {
    before: oldPages,
    act: (cache) => store(cache, '/k', page('new'), tagged, { refresh: true }),
    versions: { '/k': ['old', 'new'], '/d/x': ['old'] },
  },
  move: {
    before: oldPages,
    act: (cache) => store(cache, '/k/x', page('new')),
    versions: { ...old, '/k/x': ['new'] },
  },
  hit: {
    before: oldPages,
    async act(cache) {
      const found = await cache.lookup(get('/k'));
      if (found.kind === 'miss') {
        found.ticket?.abandon('unfinished');
        await found.ticket?.outcome;
      }
      if (found.kind !== 'hit') return;
      try {
        const small = await found.page.body('gzip');
        await small?.bytes();
        const body = await found.page.body();
        expect(String(await body!.bytes())).toBe(page('old'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      }
      await found.page.close();
    },
    versions: old,
  },
  'purge one': {
    before: oldPages,
    act: (cache) => cache.purge({ path: '/d/x' }),
    removes: ['/d/x'],
    versions: old,
  },
  'purge below': {
    before: oldPages,
    act: (cache) => cache.purge({ path: '/d', recursive: true }),
    removes: ['/d/x'],
    versions: old,
  },
  'purge glob': {
    before: oldPages,
    act: (cache) => cache.purge({ glob: '/**' }),
    removes: ['/k', '/d/x'],
    versions: old,
  },
  'purge tag': {
    before: oldPages,
    act: (cache) => cache.purge({ tag: 'news' }),
    removes: ['/k', '/d/x'],
    versions: old,
  },
  'purge older': {
    before: oldPages,
    act: (cache) => cache.purge({ olderThan: -10 }),
    removes: ['/k', '/d/x'],
    versions: old,
  },
  'purge everything': {
    before: oldPages,
    act: (cache) => cache.purge({ all: true }),
    removes: ['/k', '/d/x'],
    versions: old,
  },
  sweep: {
    async before(cache, root) {
      await oldPages(cache);
      await store(cache, '/d', page('old'));
      fs.unlinkSync(`${root}/d/x`);
      fs.mkdirSync(`${root}/empty/folder`, { recursive: true });
      fs.writeFileSync(`${root}/zero`, '');
      fs.mkdirSync(`${root}/.pagetree/trash/abc/def`, { recursive: true });
    },
    act: (cache) => cache.sweep(),
    versions: { '/k': ['old'], '/d': ['old'] },
  },
};

class Fault {
  calls = 0;
  at = Number.POSITIVE_INFINITY;
  forGood = false;
  code = 'EIO';
  on = false;

  strike(call: string): void {
    if (!this.on) return;
    this.calls += 1;
    if (this.calls === this.at || (this.forGood && this.calls > this.at)) {
      throw Object.assign(new Error(`${this.code}: ${call}`), { code: this.code, syscall: call });
    }
  }
}

async function run(plain: Io, operation: Operation, fault: Fault, story: string): Promise<void> {
  const root = fs.mkdtempSync(`${scratch}/`);
  let isLater = false;
  const io = aged(
    watched(plain, (call) => fault.strike(call)),
    () => isLater,
  );
  const { cache } = newCache(
    { cacheDir: root, variants: ['gzip'], durability: 'full', coalesce: false },
    { io },
  );
  await operation.before?.(cache, root);
  const before = openFiles();
  fault.on = true;
  fault.calls = 0;
  let done = true;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(reject, 10_000, new Error('no outcome'));
  });
  try {
    await Promise.race([operation.act(cache), late]);
  } catch (error) {
    done = false;
    const isSweep = operation === operations.sweep;
    if (isSweep) expect((error as NodeJS.ErrnoException).code, story).toBe(fault.code);
    else {
      expect(error, story).toBeInstanceOf(PagetreeError);
      expect((error as PagetreeError).code, story).toBe('ERR_PAGETREE_PURGE_INCOMPLETE');
    }
  } finally {
    clearTimeout(timer);
  }
  fault.on = false;
  expect(openFiles(), `${story}: open files`).toBe(before);
  if (done)
    for (const key of operation.removes ?? []) expect(served(root, key), `${story}: ${key}`).toBeUndefined();
  check(root, operation, story);
  isLater = true;
  await cache.sweep();
  expect(leftovers(root), story).toEqual([]);
  check(root, operation, `${story}, swept`);
  expect(await all(cache.verify()), story).toEqual([]);
  fs.rmSync(root, { recursive: true });
}

/** The body that a web server would send for a key, and that its variant is the same. */
function served(root: string, key: string): string | undefined {
  for (const path of [key.slice(1), `${key.slice(1)}/__page.html`]) {
    if (!fs.existsSync(`${root}/${path}`) || !fs.statSync(`${root}/${path}`).isFile()) continue;
    const body = fs.readFileSync(`${root}/${path}`, 'utf8');
    const small = servedGzip(root, path);
    if (small !== undefined) expect(small).toBe(body);
    return body;
  }
  return undefined;
}

function check(root: string, operation: Operation, story: string): void {
  for (const [key, versions] of Object.entries(operation.versions)) {
    const body = served(root, key);
    const allowed = versions.map(page);
    if (body !== undefined) expect(allowed, `${story}: ${key}`).toContain(body);
    else if (!operation.removes?.includes(key) && versions.includes('old'))
      expect(mayVanish, story).toContain(key);
  }
}

/** Pages on the move: a miss is right. */
const mayVanish = ['/k', '/d'];
let scratch = '';

for (const [speed, makeIo] of [
  ['direct', (): Io => directIo],
  ['pool', (): Io => createPoolIo(2)],
] as const) {
  for (const [name, operation] of Object.entries(operations)) {
    test(`${speed}: ${name}: whichever file call fails, the caller gets an outcome and no page is torn`, async () => {
      scratch = scratchFolder();
      const fault = new Fault();
      const io = makeIo();
      await run(io, operation, fault, `${name} without a fault`);
      const { calls } = fault;
      expect(calls).toBeGreaterThan(4);
      for (let at = 1; at <= calls; at += 1) {
        // The calls are the same in both speeds, so for the second every other case has to do.
        for (const forGood of speed === 'direct' || LONG ? [false, true] : [at % 2 === 0]) {
          for (const code of LONG ? codes : [codes[at % codes.length]!]) {
            Object.assign(fault, { at, forGood, code });
            await run(
              io,
              operation,
              fault,
              `${name}: call ${at} fails ${forGood ? 'for good' : 'once'} with ${code}`,
            );
          }
        }
      }
    }, 600_000);
  }
}
