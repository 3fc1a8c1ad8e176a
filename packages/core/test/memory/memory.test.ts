/** What is kept in memory, and how much of it. */
import fs from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { PageHead } from '../../src/contracts.ts';
import { isSame, isSettled, lookNow } from '../../src/memory/identity.ts';
import { Memory, type ReadFile } from '../../src/memory/memory.ts';
import { directIo } from '../../src/store/direct-io.ts';
import type { Io } from '../../src/store/io.ts';
import { get, newCache, scratchFolder, store } from '../support/tree.ts';
import { fromMemory, read, remember, settle } from './support.ts';

const head = (key: string, size: number): PageHead => ({
  key,
  place: key.slice(1),
  size,
  mtimeMs: 1000,
  contentType: 'text/html; charset=utf-8',
  cacheControl: 'no-cache',
  headers: [],
  stored: undefined,
  codings: [],
});

/** A memory over files that are never asked for: all are as they were read. */
function memoryOf(limit: number, io: Io = directIo) {
  const files = new Map<string, ReadFile>();
  const memory = new Memory({ io, look: (path) => files.get(path), limit, now: () => 1e12 });
  return {
    memory,
    keep(key: string, size: number): void {
      const facts = { ino: files.size, size, mtimeMs: 1, ctimeMs: 1.5, mode: 0, isLink: false } as const;
      const file: ReadFile = files.get(key) ?? { kind: 'file', path: key, ...facts };
      files.set(key, file);
      memory.keeper(head(key, size), 'text/html', key, file)?.keep('identity', file, Buffer.alloc(size));
    },
    has: (key: string): boolean => {
      const page = memory.get(key);
      return page !== undefined && memory.answer(key, page, undefined) !== undefined;
    },
  };
}

describe('the bound', () => {
  test('is kept whatever comes, and what is asked for stays', () => {
    const { memory, keep, has } = memoryOf(1_000_000);
    keep('/hot', 5000);
    for (let index = 0; index < 5000; index += 1) {
      keep(`/page-${index}`, 5000);
      // Only what comes again is kept when memory is full.
      keep(`/page-${index}`, 5000);
      expect(memory.bytes).toBeLessThanOrEqual(1_000_000);
      expect(has('/hot')).toBe(true);
    }
    expect(memory.size).toBeGreaterThan(100);
    expect(has('/page-4999')).toBe(true);
    expect(has('/page-0')).toBe(false);
  });

  test('a crawler that asks for each page once turns nothing out', () => {
    const { keep, has } = memoryOf(1_000_000);
    const kept = Array.from({ length: 100 }, (_, index) => `/kept-${index}`);
    for (const key of kept) keep(key, 7000);
    for (let index = 0; index < 10_000; index += 1) keep(`/crawled-${index}`, 7000);
    expect(kept.filter(has).length).toBeGreaterThan(95);
  });

  test('counts every body once, however often it is put, dropped and forgotten', () => {
    const { memory, keep, has } = memoryOf(10_000_000);
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < 50; index += 1) keep(`/page-${index}`, 1000);
    }
    expect(memory.size).toBe(50);
    expect(memory.bytes).toBeGreaterThan(50 * 1000);
    expect(memory.bytes).toBeLessThan(50 * 5000);
    memory.forgetAll((key) => key.endsWith('7'));
    expect(has('/page-7')).toBe(false);
    memory.forgetAll(() => true);
    expect([memory.size, memory.bytes]).toEqual([0, 0]);
  });

  test('a body over a 64th of it, or over 1 MiB, is not kept', () => {
    const small = memoryOf(640_000);
    small.keep('/fits', 10_000);
    small.keep('/too-large', 10_001);
    expect([small.has('/fits'), small.has('/too-large')]).toEqual([true, false]);
    const large = memoryOf(1e9);
    large.keep('/fits', 1_048_576);
    large.keep('/too-large', 1_048_577);
    expect([large.has('/fits'), large.has('/too-large')]).toEqual([true, false]);
  });

  test('a small body takes no more than its own bytes, though it was read into a shared buffer', async () => {
    const { cache, root } = newCache();
    await store(cache, '/small', 'x'.repeat(100));
    await settle(`${root}/small`);
    expect((await remember(cache, '/small')).body.bytes.buffer.byteLength).toBe(100);
  });
});

describe('what is kept', () => {
  test('nothing with maxMemory 0, and nothing where names fold', async () => {
    for (const [options, internals] of [
      [{ maxMemory: 0 }, {}],
      [{}, { folds: true }],
    ] as const) {
      const { cache, root } = newCache(options, internals);
      await store(cache, '/page', '<p>page</p>');
      await settle(`${root}/page`);
      for (let round = 0; round < 3; round += 1) expect(await read(cache, '/page')).toBe('<p>page</p>');
      expect(fromMemory(cache, '/page')).toBeUndefined();
    }
  });

  test('no page that its own header forbids to keep, whoever wrote it', async () => {
    const { cache, root } = newCache({ coalesce: false });
    await store(cache, '/page', '<p>page</p>');
    const path = `${root}/.pagetree/meta/page.pagetree`;
    const meta = JSON.parse(fs.readFileSync(path, 'utf8'));
    fs.writeFileSync(path, JSON.stringify({ ...meta, cacheControl: 'private' }));
    await settle(`${root}/page`);
    for (let round = 0; round < 3; round += 1) expect(await read(cache, '/page')).toBeUndefined();
    expect(cache.glance(get('/page'))).toBeUndefined();
  });

  test('replayed fields only, the same as from the file', async () => {
    const { cache, root } = newCache();
    const headers = { 'content-type': 'text/html', 'content-language': 'en', 'x-own': 'no' };
    await store(cache, '/page', '<p>page</p>', { status: 200, headers });
    await settle(`${root}/page`);
    const { page } = await remember(cache, '/page');
    const found = await cache.lookup(get('/page'));
    if (found.kind !== 'hit') throw new Error(found.kind);
    await found.page.close();
    const { body: _, close: __, ...fromFile } = found.page;
    expect(page).toEqual(fromFile);
    expect(page.headers).toEqual([['content-language', 'en']]);
  });

  test('a large page is read for memory beside its answer: once, and few at a time', async () => {
    let reading = 0;
    let most = 0;
    let reads = 0;
    const release: (() => void)[] = [];
    const io: Io = {
      ...directIo,
      async read(fd, size, position) {
        reads += 1;
        reading += 1;
        most = Math.max(most, reading);
        await new Promise<void>((resolve) => release.push(resolve));
        reading -= 1;
        return directIo.read(fd, size, position);
      },
    };
    const folder = scratchFolder();
    const memory = new Memory({ io, look: lookNow, limit: 1e9, now: () => Date.now() + 1e6 });
    const files = Array.from({ length: 10 }, (_, index) => {
      const path = `${folder}/${index}`;
      fs.writeFileSync(path, Buffer.alloc(100_000, index));
      return { ...(directIo.lstat(path) as ReadFile), path };
    });
    const ask = (): void => {
      for (const [index, file] of files.entries()) {
        const keeper = memory.keeper(head(`/${index}`, file.size), 'text/html', file.path, file);
        keeper?.pass('identity', file);
      }
    };
    ask();
    ask();
    while (memory.size < files.length) {
      await turn();
      for (const go of release.splice(0)) go();
      await turn();
      if (reading === 0) ask();
    }
    expect(most).toBe(2);
    expect(reads).toBeLessThan(2 * files.length + 4);
    for (const [index, { path }] of files.entries()) {
      const hit = memory.answer(`/${index}`, memory.get(`/${index}`)!, undefined);
      expect(hit?.body.bytes.equals(fs.readFileSync(path))).toBe(true);
    }
  });

  test('a large page that is replaced while it is read for memory is not kept', async () => {
    const folder = scratchFolder();
    fs.writeFileSync(`${folder}/page`, Buffer.alloc(100_000, 1));
    const file = { ...(directIo.lstat(`${folder}/page`) as ReadFile), path: `${folder}/page` };
    const memory = new Memory({ io: directIo, look: lookNow, limit: 1e9, now: () => Date.now() + 1e6 });
    const keeper = memory.keeper(head('/page', file.size), 'text/html', file.path, file)!;
    fs.writeFileSync(`${folder}/new`, Buffer.alloc(100_000, 2));
    fs.renameSync(`${folder}/new`, `${folder}/page`);
    keeper.pass('identity', file);
    for (let round = 0; round < 20; round += 1) await turn();
    expect(memory.size).toBe(0);
  });
});

describe('the identity of a file', () => {
  test('nothing, a file on the way, and what can not be told are three things', () => {
    const folder = scratchFolder();
    fs.writeFileSync(`${folder}/file`, 'x');
    expect(lookNow(`${folder}/none`)).toBeUndefined();
    expect(lookNow(`${folder}/file/below`)).toBeUndefined();
    const loop = `${folder}/${'x'.repeat(300)}`;
    const unknown = lookNow(loop);
    expect(unknown).toBeDefined();
    expect(isSame(unknown, unknown)).toBe(false);
    expect(isSame(unknown, undefined)).toBe(false);
  });

  test('a file system that counts whole seconds, or two, needs longer', () => {
    const facts = { ino: 1, size: 1, mtimeMs: 0 };
    expect(isSettled({ ...facts, ctimeMs: 10_000.5 }, 10_040)).toBe(false);
    expect(isSettled({ ...facts, ctimeMs: 10_000.5 }, 10_060)).toBe(true);
    expect(isSettled({ ...facts, ctimeMs: 10_000 }, 11_500)).toBe(false);
    expect(isSettled({ ...facts, ctimeMs: 10_000 }, 12_200)).toBe(true);
    // A clock that was set back, or a server of files with another clock: not until it is sure.
    expect(isSettled({ ...facts, ctimeMs: 99_000.5 }, 10_060)).toBe(false);
  });
});
