/** A disk without a free inode (or, on ext4, without a free block): the moment in which a purge is needed most. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createPageCache } from '@pagetree/core';
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
