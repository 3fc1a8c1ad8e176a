/** Real trees in temporary folders, and what tests do with them. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import zlib from 'node:zlib';
import { onTestFinished } from 'vitest';
import type { FillOutcome, PageRequest, ResponseHead } from '../../src/contracts.ts';
import { createPageCache, type Internals } from '../../src/create.ts';
import type { LookupHow } from '../../src/engine/lookups.ts';
import type { CacheEvent } from '../../src/events.ts';
import type { CacheOptions } from '../../src/options.ts';
import type { PageCache } from '../../src/page-cache.ts';
import type { Io } from '../../src/store/io.ts';

/** Where files take no time to flush. */
export const inMemory = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A folder that goes when the test is over. */
export function scratchFolder(under: string = tmpdir()): string {
  const path = fs.mkdtempSync(join(fs.realpathSync(under), 'pagetree-'));
  onTestFinished(() => fs.rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A cache over a new tree, and all it tells. */
export function newCache(
  options: Partial<CacheOptions> = {},
  internals: Internals = {},
): { cache: PageCache; root: string; events: CacheEvent[] } {
  const events: CacheEvent[] = [];
  const root = options.cacheDir ?? scratchFolder();
  const cache = createPageCache(
    {
      io: 'direct',
      variants: false,
      durability: 'none',
      onEvent: (event) => events.push(event),
      ...options,
      cacheDir: root,
    },
    internals,
  );
  return { cache, root, events };
}

export const get = (target: string, headers: Record<string, string> = {}): PageRequest => ({
  method: 'GET',
  target,
  headers,
});

/** The head of an HTML response. */
export const html = (headers: Record<string, string> = {}): ResponseHead => ({
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
});

/** Stores a body as the middleware does. */
export async function store(
  cache: PageCache,
  target: string,
  body: string | Uint8Array | readonly Uint8Array[],
  head: ResponseHead = html(),
  how: LookupHow = {},
): Promise<FillOutcome | undefined> {
  const found = await cache.lookup(get(target), how);
  if (found.kind === 'hit') await found.page.close();
  if (found.kind !== 'miss' || !found.ticket) return undefined;
  const fill = found.ticket.begin(head);
  const chunks = typeof body === 'string' ? [Buffer.from(body)] : body instanceof Uint8Array ? [body] : body;
  for (const chunk of chunks) fill?.write(chunk);
  await fill?.commit();
  return found.ticket.outcome;
}

/** The stored body of a target; `undefined` when there is none. Gives back the ticket of a miss. */
export async function bodyAt(cache: PageCache, target: string): Promise<string | undefined> {
  const found = await cache.lookup(get(target));
  if (found.kind === 'miss') {
    found.ticket?.abandon('unfinished');
    await found.ticket?.outcome;
  }
  if (found.kind !== 'hit') return undefined;
  const body = await found.page.body();
  return (await body!.bytes()).toString();
}

/** Everything below a folder of the tree, sorted. */
export function filesIn(root: string, folder = ''): string[] {
  return fs
    .readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .map(
      (entry) => join(entry.parentPath, entry.name).slice(root.length + 1) + (entry.isDirectory() ? '/' : ''),
    )
    .sort();
}

/** The pages, variants and folders of a tree, without what is internal. */
export function pagesIn(root: string): string[] {
  return filesIn(root).filter((path) => !path.startsWith('.pagetree') && path !== 'CACHEDIR.TAG');
}

/** The folders that fills are in stay. */
const FILL_FOLDER = /^\.pagetree\/fills\/[0-9a-f]\/$/;

/** What fills and purges that are not over have on disk. */
export function leftovers(root: string): string[] {
  const folders = ['.pagetree/fills', '.pagetree/trash'].filter((folder) =>
    fs.existsSync(join(root, folder)),
  );
  return folders.flatMap((folder) => filesIn(root, folder)).filter((path) => !FILL_FOLDER.test(path));
}

/** Waits for an outcome. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

export const openFiles = (): number => fs.readdirSync('/proc/self/fd').length;

/** The body that a web server beside us would send to a client that takes gzip. */
export function servedGzip(root: string, place: string): string | undefined {
  const path = join(root, `${place}.gz`);
  return fs.existsSync(path) ? zlib.gunzipSync(fs.readFileSync(path)).toString() : undefined;
}

/** An `Io` whose every call goes through `before`, which may throw. */
export function watched(
  io: Io,
  before: (call: string, args: readonly unknown[]) => void | Promise<void>,
): Io {
  const made: Record<string, unknown> = {};
  for (const [call, run] of Object.entries(io) as [string, (...args: unknown[]) => unknown][]) {
    made[call] =
      call === 'entries'
        ? async function* (path: string) {
            await before(call, [path]);
            yield* io.entries(path);
          }
        : async (...args: unknown[]) => {
            // A close that fails has closed: nothing else would be true to Linux.
            if (call === 'close') await run.apply(io, args);
            await before(call, args);
            return call === 'close' ? undefined : run.apply(io, args);
          };
  }
  return made as unknown as Io;
}

/** Makes all that is being filled or thrown away look an hour older than it is. */
export function aged(io: Io, isOn: () => boolean): Io {
  const probes = new Set<string>();
  return {
    ...io,
    mkdir(path, mode) {
      if (mode === 0o700 && isOn()) probes.add(path);
      return io.mkdir(path, mode);
    },
    async lstat(path) {
      const facts = await io.lstat(path);
      if (!isOn() || probes.has(path) || !/\/\.pagetree\/(fills|trash|usage)\//.test(path)) return facts;
      return { ...facts, mtimeMs: facts.mtimeMs - 3_600_000, ctimeMs: facts.ctimeMs - 3_600_000 };
    },
  };
}
