/** Every file call of an operation fails, once and for good: the caller always gets an outcome, and nothing is torn or left. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { PagetreeError } from '../../src/errors.ts';
import type { CacheOptions } from '../../src/options.ts';
import type { PageCache } from '../../src/page-cache.ts';
import { directIo } from '../../src/store/direct-io.ts';
import type { Io } from '../../src/store/io.ts';
import { createPoolIo } from '../../src/store/pool-io.ts';
import { LONG } from '../support/long.ts';
import {
  aged,
  all,
  get,
  inMemory,
  leftovers,
  newCache,
  openFiles,
  scratchFolder,
  servedGzip,
  watched,
} from '../support/tree.ts';

/** What a file call may fail with. */
export const codes = ['EIO', 'ENOSPC', 'EMFILE', 'EROFS', 'EACCES'];
/** The body of a version. */
export const page = (version: string): string => `<p>${version}</p>`.repeat(300);

/** One operation and what it may leave. */
export interface Operation {
  readonly options?: Partial<CacheOptions>;
  readonly before?: (cache: PageCache, root: string) => Promise<unknown>;
  readonly act: (cache: PageCache) => Promise<unknown>;
  /** The operation ends with a close. */
  readonly closes?: true;
  /** What it rejects with, if it does. @default the error of a purge */
  readonly fails?: 'as the file system';
  /** Pages are asked of the cache, and come with headers that name their version. @default false: as a web server sees them */
  readonly isOwn?: true;
  /** Keys that are gone after the operation said that it did what it should. */
  readonly removes?: readonly string[];
  /** Keys that may be gone, whatever it said: a miss is right. */
  readonly mayVanish?: readonly string[];
  /** Versions that may be served by key; nothing else. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
}

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

async function run(
  plain: Io,
  scratch: string,
  operation: Operation,
  fault: Fault,
  story: string,
): Promise<void> {
  const root = fs.mkdtempSync(`${scratch}/`);
  let isLater = false;
  const io = aged(
    watched(plain, (call) => fault.strike(call)),
    () => isLater,
  );
  const open = (): PageCache =>
    newCache(
      { cacheDir: root, variants: ['gzip'], durability: 'full', coalesce: false, ...operation.options },
      { io },
    ).cache;
  let cache = open();
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
    if (operation.fails === 'as the file system')
      expect((error as NodeJS.ErrnoException).code, story).toBe(fault.code);
    else {
      expect(error, story).toBeInstanceOf(PagetreeError);
      expect((error as PagetreeError).code, story).toBe('ERR_PAGETREE_PURGE_INCOMPLETE');
    }
  } finally {
    clearTimeout(timer);
  }
  fault.on = false;
  expect(openFiles(), `${story}: open files`).toBe(before);
  if (operation.closes) cache = open();
  if (done)
    for (const key of operation.removes ?? [])
      expect(await servedFor(cache, root, operation, key), `${story}: ${key}`).toBeUndefined();
  await check(cache, root, operation, story);
  isLater = true;
  await cache.sweep();
  expect(leftovers(root), story).toEqual([]);
  expect(fs.readdirSync(`${root}/.pagetree/usage`).filter(isDraft), story).toEqual([]);
  await check(cache, root, operation, `${story}, swept`);
  expect(await all(cache.verify()), story).toEqual([]);
  await cache.close();
  fs.rmSync(root, { recursive: true });
}

const isDraft = (name: string): boolean => name.startsWith('new-');

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

/** The body that the middleware would send, and that its own headers come with it. */
async function servedByCache(cache: PageCache, key: string): Promise<string | undefined> {
  const found = await cache.lookup(get(key));
  if (found.kind === 'miss') {
    found.ticket?.abandon('unfinished');
    await found.ticket?.outcome;
  }
  if (found.kind !== 'hit') return undefined;
  const body = String(await (await found.page.body())!.bytes());
  const said = found.page.headers.find(([name]) => name === 'content-language')?.[1];
  expect(body, `headers of ${said}`).toBe(page(said!));
  await found.page.close();
  return body;
}

const servedFor = async (
  cache: PageCache,
  root: string,
  { isOwn }: Operation,
  key: string,
): Promise<string | undefined> => (isOwn ? servedByCache(cache, key) : served(root, key));

async function check(cache: PageCache, root: string, operation: Operation, story: string): Promise<void> {
  for (const [key, versions] of Object.entries(operation.versions)) {
    const body = await servedFor(cache, root, operation, key);
    const allowed = versions.map(page);
    if (body !== undefined) expect(allowed, `${story}: ${key}`).toContain(body);
    else if (!operation.removes?.includes(key) && versions.includes('old'))
      expect(operation.mayVanish ?? [], story).toContain(key);
  }
}

const speeds: Readonly<Record<string, () => Io>> = { direct: () => directIo, pool: () => createPoolIo(2) };

/** Makes a test of each operation in which every file call fails, once and for good. */
export function failEveryCall(
  operations: Readonly<Record<string, Operation>>,
  names: readonly ('direct' | 'pool')[],
): void {
  for (const speed of names) {
    for (const [name, operation] of Object.entries(operations)) {
      test(`${speed}: ${name}: whichever file call fails, the caller gets an outcome and no page is torn`, async () => {
        const scratch = scratchFolder(inMemory);
        const fault = new Fault();
        const io = speeds[speed]!();
        await run(io, scratch, operation, fault, `${name} without a fault`);
        const { calls } = fault;
        expect(calls).toBeGreaterThan(4);
        for (let at = 1; at <= calls; at += 1) {
          // The calls are the same in both speeds, so for the second every other case has to do.
          for (const forGood of speed === 'direct' || LONG ? [false, true] : [at % 2 === 0]) {
            for (const code of LONG ? codes : [codes[at % codes.length]!]) {
              Object.assign(fault, { at, forGood, code });
              const how = `fails ${forGood ? 'for good' : 'once'} with ${code}`;
              await run(io, scratch, operation, fault, `${name}: call ${at} ${how}`);
            }
          }
        }
      }, 600_000);
    }
  }
}
