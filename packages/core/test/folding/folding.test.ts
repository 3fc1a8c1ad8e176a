import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPageCache } from '../../src/create.ts';
import type { PageCache } from '../../src/page-cache.ts';
import { directIo } from '../../src/store/direct-io.ts';
import type { Io } from '../../src/store/io.ts';

/**
 * A file system that does not tell upper case from lower case and keeps the case that a name was made with, as APFS and
 * NTFS do. The machine that runs the tests has none, so names are looked up among those that are there.
 */
function foldingIo(root: string): Io {
  const real = (path: string): string => {
    if (!path.startsWith(`${root}/`)) return path;
    let at = root;
    for (const name of path.slice(root.length + 1).split('/')) {
      let there = name;
      try {
        const names = directIo.names(at) as string[];
        there = names.find((other) => other.toLowerCase() === name.toLowerCase()) ?? name;
      } catch {
        // Not there, or no folder: the call itself will say so.
      }
      at = `${at}/${there}`;
    }
    return at;
  };
  const folded = (path: unknown): unknown => (typeof path === 'string' ? real(path) : path);
  const wrap = { rename: 2, link: 2 } as Record<string, number>;
  return new Proxy(directIo, {
    get(target, name: keyof Io) {
      const call = target[name] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) =>
        call.apply(
          target,
          args.map((arg, index) => (index < (wrap[name] ?? 1) ? folded(arg) : arg)),
        );
    },
  });
}

describe('on a file system that folds names', () => {
  let folder: string;
  let cache: PageCache;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pagetree-folding-'));
    cache = createPageCache({ cacheDir: folder, variants: false }, { io: foldingIo(folder), folds: true });
  });
  afterEach(async () => {
    await cache.close();
    rmSync(folder, { recursive: true });
  });

  async function get(target: string): Promise<string> {
    const found = await cache.lookup({ method: 'GET', target, headers: {} });
    if (found.kind === 'hit') {
      const text = (await (await found.page.body())!.bytes()).toString();
      await found.page.close();
      return `hit: ${text}`;
    }
    if (found.kind === 'bypass' || found.ticket === undefined) return `${found.kind}: ${found.reason}`;
    const fill = found.ticket.begin({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    fill?.write(Buffer.from(`page of ${target}`));
    const outcome = (await fill?.commit()) ?? (await found.ticket.outcome);
    return outcome.kind === 'stored' ? 'stored' : `refused: ${outcome.reason}`;
  }

  it('never answers one page with the file of another', async () => {
    expect(await get('/Foo')).toBe('stored');
    expect(await get('/foo')).toBe('refused: name-folds');
    expect(await get('/Foo')).toBe('hit: page of /Foo');
    expect(readFileSync(join(folder, 'Foo'), 'utf8')).toBe('page of /Foo');
  });

  it('looks at every folder on the way', async () => {
    expect(await get('/Api/crypto')).toBe('stored');
    expect(await get('/api/crypto')).toBe('refused: name-folds');
    expect(await get('/api/other')).toBe('refused: name-folds');
    expect(await get('/Api/other')).toBe('stored');
    expect(await get('/Api/crypto')).toBe('hit: page of /Api/crypto');
  });

  it('does not move a page into a folder of another spelling', async () => {
    expect(await get('/Blog')).toBe('stored');
    expect(await get('/blog/post')).toBe('refused: name-folds');
    expect(await get('/Blog/post')).toBe('stored');
    expect(await get('/Blog')).toBe('hit: page of /Blog');
  });
});

describe('on a file system that keeps names apart', () => {
  it('is not taken for one that folds them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pagetree-folding-'));
    const cache = createPageCache({ cacheDir: folder, variants: false });
    try {
      for (const target of ['/Foo', '/foo']) {
        const found = await cache.lookup({ method: 'GET', target, headers: {} });
        const fill =
          found.kind === 'miss'
            ? found.ticket?.begin({ status: 200, headers: { 'content-type': 'text/html' } })
            : undefined;
        fill?.write(Buffer.from(target));
        expect((await fill?.commit())?.kind).toBe('stored');
      }
    } finally {
      await cache.close();
      rmSync(folder, { recursive: true });
    }
  });
});
