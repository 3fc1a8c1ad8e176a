/** A disk without a free inode (or, on ext4, without a free block): the moment in which a purge is needed most. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { type CacheEvent, createPageCache } from '@pagetree/core';
import { expect, it } from 'vitest';
import { html } from './children/pages.js';
import { temporaryFolder } from './processes.ts';

it.each([
  ['one page', { path: '/a' }],
  ['a glob', { glob: '/a*' }],
  ['a folder', { path: '/a', recursive: true }],
  ['everything', { all: true }],
] as const)('a purge of %s works on a disk without a free inode', async (_, scope) => {
  const folder = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'nr_inodes=40', 'tmpfs', folder]);
  try {
    const cache = createPageCache({ cacheDir: `${folder}/tree`, variants: false });
    const found = await cache.lookup({ method: 'GET', target: '/a', headers: {} });
    if (found.kind !== 'miss') throw new Error(found.kind);
    const fill = found.ticket!.begin({ status: 200, headers: html })!;
    fill.write(Buffer.from('text'));
    expect(await fill.commit()).toMatchObject({ kind: 'stored' });
    for (let at = 0; ; at += 1) {
      try {
        fs.writeFileSync(`${folder}/ballast-${at}`, '');
      } catch {
        break;
      }
    }
    expect(await cache.purge(scope)).toMatchObject({ pages: 1 });
    expect(fs.existsSync(`${folder}/tree/a`)).toBe(false);
    await cache.sweep();
    await cache.close();
  } finally {
    execFileSync('umount', ['--lazy', folder]);
  }
});

it('a tree that is opened on a full disk is opened again when there is space, and tells until then', async () => {
  const folder = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'nr_inodes=60', 'tmpfs', folder]);
  try {
    const options = { cacheDir: `${folder}/tree`, variants: false } as const;
    const request = { method: 'GET', target: '/a', headers: {} };
    const first = createPageCache(options);
    const found = await first.lookup(request);
    if (found.kind !== 'miss') throw new Error(found.kind);
    const fill = found.ticket!.begin({ status: 200, headers: html })!;
    fill.write(Buffer.from('text'));
    expect(await fill.commit()).toMatchObject({ kind: 'stored' });
    await first.close();
    let ballast = 0;
    for (; ; ballast += 1) {
      try {
        fs.writeFileSync(`${folder}/ballast-${ballast}`, '');
      } catch {
        break;
      }
    }

    let now = 0;
    const errors: CacheEvent[] = [];
    const onEvent = (event: CacheEvent): void => void (event.type === 'error' && errors.push(event));
    // Memory keeps no page that was written a moment ago.
    const wall = (): number => Date.now() + 60_000;
    const cache = createPageCache({ ...options, onEvent }, { monotonic: () => now, wall });
    /** Whether a page that was just read is answered from memory. */
    const isKept = async (): Promise<boolean> => {
      for (let tries = 0; tries < 3; tries += 1) {
        const hit = await cache.lookup(request);
        if (hit.kind !== 'hit') throw new Error(hit.kind);
        expect((await (await hit.page.body())!.bytes()).toString()).toBe('text');
        await hit.page.close();
      }
      return cache.glance(request)?.kind === 'hit';
    };
    expect(await isKept()).toBe(false);
    expect(errors).toEqual([
      expect.objectContaining({
        during: 'open',
        error: expect.objectContaining({ code: 'ENOSPC', message: expect.stringContaining('disk is full') }),
      }),
    ]);
    now += 20_000;
    expect(await isKept()).toBe(false);
    expect(errors).toHaveLength(1);
    now += 60_000;
    expect(await isKept()).toBe(false);
    expect(errors).toHaveLength(2);

    for (let at = 0; at < ballast; at += 1) fs.rmSync(`${folder}/ballast-${at}`);
    now += 5000;
    expect(await isKept()).toBe(false);
    now += 5000;
    expect(await isKept()).toBe(true);
    expect(errors).toHaveLength(2);
    await cache.close();
  } finally {
    execFileSync('umount', ['--lazy', folder]);
  }
});
