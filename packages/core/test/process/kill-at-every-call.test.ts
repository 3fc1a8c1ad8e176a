/**
 * kill -9 at every file call of fill, publish, move, purge and sweep. Whatever call it was, what is left is a tree of whole
 * pages, the page can be stored again at once, and a sweep makes it a tree without a fault.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import zlib from 'node:zlib';
import { createPageCache, type Finding, type PageCache } from '@pagetree/core';
import { describe, expect, it } from 'vitest';
import { LONG } from '../support/long.ts';
import { bodyOf, get, html, versionIn } from './children/pages.js';
import { Child, fillsIn, inMemory, temporaryFolder } from './processes.ts';

const options = {
  durability: 'full',
  // Two variants are made and put one after the other, as one is.
  variants: LONG ? (['gzip', 'br'] as const) : (['gzip'] as const),
  coalesce: false,
  compression: 'fast',
} as const;
const SMALL = 2000;
const LARGE = 150_000;

/** Calls that change nothing that another process could see. */
const looking = new Set([
  ...['openRead', 'read', 'fstat', 'lstat', 'peek', 'realpath', 'names', 'entries'],
  ...['close', 'fdatasync', 'syncFolder'],
]);

/** Keys, with the files they may live in. */
const keys = ['/a', '/a/b', '/keep', '/d/e', '/d/f', '/m', '/m/n', '/n', '/p', '/x/y/z', '/big'];
/** A type that is not that of any of these keys: such pages are private. */
const other = { 'content-type': 'application/xhtml+xml' };
const sizeOf = (key: string): number => (key === '/big' ? LARGE : SMALL);
const placesOf = (key: string): string[] => [
  key.slice(1),
  `${key.slice(1)}/__page.html`,
  `.pagetree/private/pages/${key.slice(1)}/.page`,
];

async function store(cache: PageCache, key: string, version: number, type: object = html): Promise<string> {
  const found = await cache.lookup(get(key), { refresh: true });
  if (found.kind !== 'miss' || !found.ticket)
    return found.kind === 'miss' ? String(found.reason) : found.kind;
  const headers = { ...type, 'content-language': `x-${version}`, 'cache-tag': key === '/a' ? 't' : 'u' };
  const fill = found.ticket.begin({ status: 200, headers })!;
  fill.write(bodyOf(key, version, sizeOf(key)));
  const outcome = await fill.commit();
  return outcome.kind === 'stored' ? 'stored' : outcome.reason;
}

async function makeTree(cacheDir: string): Promise<void> {
  const cache = createPageCache({ cacheDir, ...options });
  for (const key of ['/a', '/keep', '/d/e', '/d/f', '/m', '/m/n', '/big']) {
    expect(await store(cache, key, 1)).toBe('stored');
  }
  expect(await store(cache, '/p', 1, other)).toBe('stored');
  await cache.close();
}

/** A tree in which a sweep has something to do of every kind. */
async function makeMess(cacheDir: string): Promise<void> {
  await makeTree(cacheDir);
  const internal = `${cacheDir}/.pagetree`;
  fs.writeFileSync(`${cacheDir}/gone.gz`, 'x');
  fs.writeFileSync(`${cacheDir}/empty`, '');
  fs.utimesSync(`${cacheDir}/keep.gz`, 1, 1);
  fs.mkdirSync(`${cacheDir}/hollow/er`, { recursive: true });
  fs.copyFileSync(`${internal}/meta/keep.pagetree`, `${internal}/meta/gone.pagetree`);
  fs.rmSync(`${cacheDir}/m/n`);
  // A fill whose maker is gone: no process has this number.
  const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
  const name = `${host}-4194999-1-0123abcd-1@%2Fa`;
  fs.mkdirSync(`${internal}/fills/0`, { recursive: true });
  for (const part of ['body', 'meta']) {
    fs.writeFileSync(`${internal}/fills/0/${'0'.repeat(32)}.${name}.${part}`, 'half');
  }
}

/** Every file that a web server could send is one whole version, and no variant is there without its body. */
function judgeFiles(cacheDir: string): Map<string, number> {
  const versions = new Map<string, number>();
  for (const key of keys) {
    for (const place of placesOf(key)) {
      const read = (suffix: string): Buffer | undefined => {
        try {
          return fs.readFileSync(`${cacheDir}/${place}${suffix}`);
        } catch (error) {
          if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code!))
            return undefined;
          throw error;
        }
      };
      const body = read('');
      if (body) versions.set(place, versionIn(body, key, sizeOf(key)));
      for (const [suffix, expand] of [
        ['.gz', zlib.gunzipSync],
        ['.br', zlib.brotliDecompressSync],
      ] as const) {
        const small = read(suffix);
        if (!small) continue;
        if (!body) throw new Error(`${place}${suffix} is there without its body`);
        if (
          fs.statSync(`${cacheDir}/${place}`).mtimeMs !== fs.statSync(`${cacheDir}/${place}${suffix}`).mtimeMs
        )
          continue;
        expect(versionIn(expand(small), key, sizeOf(key))).toBe(versions.get(place));
      }
    }
  }
  return versions;
}

/** What lookups give is whole, and its headers are of the same version. */
async function judgeLookups(cache: PageCache): Promise<void> {
  for (const key of keys) {
    const found = await cache.lookup(get(key));
    if (found.kind === 'bypass') throw new Error(`${key} bypasses`);
    if (found.kind === 'miss') {
      expect(found.ticket, `${key} can be stored at once: ${found.reason}`).toBeDefined();
      found.ticket?.abandon('unfinished');
      await found.ticket?.outcome;
      continue;
    }
    const { page } = found;
    const said = page.headers.find(([name]) => name === 'content-language')?.[1];
    const version = versionIn(await (await page.body())!.bytes(), key, sizeOf(key));
    expect(said).toBe(`x-${version}`);
    await page.close();
  }
}

/** What only a sweep removes: the fill of a dead process, and the meta of pages that a purge took before it was killed. */
const untilSwept = new Set(['dead-fill', 'orphan-meta']);

async function faultsOf(cache: PageCache): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of cache.verify()) found.push(finding);
  return found;
}

const copy = (from: string, to: string): void => void execFileSync('cp', ['-a', from, to]);

/** Judges what a process that was killed has left in a tree. */
async function judge(cacheDir: string, target: string | undefined): Promise<void> {
  // Before a sweep, too, unless the tree was a mess before.
  if (target !== undefined) judgeFiles(cacheDir);

  // The next fill succeeds at once, beside what is left.
  if (target !== undefined) {
    copy(cacheDir, `${cacheDir}-again`);
    const again = createPageCache({ cacheDir: `${cacheDir}-again`, ...options });
    expect(await store(again, target, 3)).toBe('stored');
    expect(
      await faultsOf(again).then((found) => found.filter(({ fault }) => !untilSwept.has(fault))),
    ).toEqual([]);
    await again.close();
    fs.rmSync(`${cacheDir}-again`, { recursive: true });
  }

  const cache = createPageCache({ cacheDir, ...options });
  await judgeLookups(cache);
  await cache.sweep();
  expect(fillsIn(cacheDir)).toEqual([]);
  expect(await faultsOf(cache)).toEqual([]);
  judgeFiles(cacheDir);
  await judgeLookups(cache);
  await cache.close();
}

/** The calls that the short form is killed at: those that leave something of their own behind. */
function isTried(calls: readonly string[], index: number, [, key]: Job, isEviction: boolean): boolean {
  // Killed before a call that only looks, a process leaves what it leaves before the next that changes something.
  if (looking.has(calls[index]!)) return false;
  // Most of an eviction are fills and purges, which have their own tests.
  if (isEviction) return index % 4 === 0;
  // Until its tags are noted a fill makes its files, and those are alike whatever becomes of them.
  if (index < calls.indexOf('append') && !['/n', '/big', '/a'].includes(key as string)) return false;
  // Of many files that are removed one after the other, the first ones and the last one.
  const changes = calls.map((call, at) => ({ call, at })).filter(({ call }) => !looking.has(call));
  const here = changes.findIndex(({ at }) => at === index);
  const around = [here - 2, here - 1, here + 1].map((at) => changes[at]?.call);
  return around.some((call) => call !== calls[index]);
}

type Job = readonly [what: string, argument?: unknown, size?: number, type?: object];

describe('killed at every file call', () => {
  it.each<[string, Job, string | undefined, bounds?: object]>([
    ['the fill of a new page', ['store', '/n'], '/n'],
    ['the fill of a page of several writes', ['store', '/big', LARGE], '/big'],
    ['the fill of a page that is there', ['store', '/a'], '/a'],
    ['a fill that makes folders', ['store', '/x/y/z'], '/x/y/z'],
    ['a fill that moves the page in its way', ['store', '/a/b'], '/a/b'],
    ['the fill of a page in its folder', ['store', '/m'], '/m'],
    ['a fill that makes a page private', ['store', '/a', SMALL, other], '/a'],
    ['a fill that makes a private page public', ['store', '/p'], '/p'],
    [
      'a fill of a full tree that lets the oldest page go',
      ['store', '/n'],
      '/n',
      { maxEntries: 8, whenFull: 'evict' },
    ],
    ['a purge of a page', ['purge', { path: '/a' }], '/a'],
    ['a purge of a private page', ['purge', { path: '/p' }], '/p'],
    ['a purge below a path', ['purge', { path: '/d', recursive: true }], '/d/e'],
    ['a purge of a glob', ['purge', { glob: '/m{,/**}' }], '/m'],
    ['a purge of a tag', ['purge', { tag: 't' }], '/a'],
    ['a purge of everything', ['purge', { all: true }], '/a'],
    ['a sweep', ['sweep'], undefined],
  ])(
    '%s',
    async (_, job, target, bounds) => {
      const folder = temporaryFolder(inMemory);
      const template = `${folder}/template`;
      await (job[0] === 'sweep' ? makeMess : makeTree)(template);
      const trees: string[] = [];
      const cases: { at: number; half: boolean }[] = [];

      const run = async (at: number, half: boolean): Promise<string[] | undefined> => {
        const cacheDir = `${folder}/${at}${half ? '-half' : ''}`;
        copy(template, cacheDir);
        trees.push(cacheDir);
        const child = new Child('crash');
        const done = child.call<string[]>('run', {
          ...{ cacheDir, job, at, half },
          options: { ...options, ...bounds },
        });
        const calls = await done.catch(() => undefined);
        const { signal } = await child.kill();
        if (calls === undefined) expect(signal).toBe('SIGKILL');
        await judge(cacheDir, target);
        return calls;
      };
      // One run to its end tells how many calls there are.
      const calls = await run(100_000, false);
      expect(calls!.length).toBeGreaterThan(5);
      for (const [index, call] of calls!.entries()) {
        if (!LONG && !isTried(calls!, index, job, bounds !== undefined)) continue;
        cases.push({ at: index + 1, half: false });
        if (call === 'write' || call === 'append') cases.push({ at: index + 1, half: true });
      }
      const next = cases.values();
      const lane = async (): Promise<void> => {
        for (const { at, half } of next) await run(at, half);
      };
      await Promise.all([lane(), lane(), lane()]);
      expect(trees.length).toBe(cases.length + 1);
      if (process.env.PAGETREE_TELL === '1') console.log(job, calls!.length, calls!.join(' '));

      // What the killed ones had in the trash goes when it is old enough.
      await sleep(1100);
      for (const cacheDir of trees) {
        const cache = createPageCache({ cacheDir, ...options, fillTimeout: 1 });
        await cache.sweep();
        expect(fs.readdirSync(`${cacheDir}/.pagetree/trash`)).toEqual([]);
        const notes = fs.readdirSync(`${cacheDir}/.pagetree/usage`);
        expect(notes.filter((name) => !/^counted$|^notes-/.test(name))).toEqual([]);
        await cache.close();
      }
    },
    LONG ? 600_000 : 120_000,
  );
});
