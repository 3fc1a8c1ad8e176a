/** The tree is the truth: what is done to its files by any means counts at the next request. */
import { rename, rm, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { counting } from './support/counting.ts';

const HIT = 'pagetree; hit';
const type = 'text/html; charset=utf-8';

describe('the tree is the truth', () => {
  it('rm counts at the very next request, and the page is filled again', async () => {
    const made = await counting();
    await made.fill('/a');
    expect((await made.ask('/a')).text).toBe('<p>/a 1</p>');
    await unlink(join(made.dir, 'a'));
    expect((await made.fill('/a')).text).toBe('<p>/a 2</p>');
    expect((await made.ask('/a')).text).toBe('<p>/a 2</p>');
  });

  it('an empty file is a miss', async () => {
    const made = await counting();
    await made.put('a', '');
    expect((await made.fill('/a')).text).toBe('<p>/a 1</p>');
    await truncate(join(made.dir, 'a'), 0);
    expect((await made.fill('/a')).text).toBe('<p>/a 2</p>');
  });

  it('a file that was put there is served, and one that replaces it too', async () => {
    const made = await counting();
    await made.put('by/hand', 'first');
    expect((await made.ask('/by/hand')).text).toBe('first');
    await made.put('new', 'second');
    await rename(join(made.dir, 'new'), join(made.dir, 'by/hand'));
    expect((await made.ask('/by/hand')).text).toBe('second');
    expect(made.asked).toBe(0);
  });

  it('a folder that was removed takes its pages along', async () => {
    const made = await counting();
    for (const path of ['/x/1', '/x/2', '/x/']) await made.fill(path);
    await rm(join(made.dir, 'x'), { recursive: true });
    for (const path of ['/x/1', '/x/2', '/x/'])
      expect((await made.fill(path)).headers['cache-status']).not.toBe(HIT);
    expect(await made.files()).toEqual(['x/1', 'x/2', 'x/__index.html']);
  });

  it('a purge counts too', async () => {
    const made = await counting();
    await made.fill('/a');
    await made.pages.cache.purge({ path: '/a' });
    expect((await made.fill('/a')).text).toBe('<p>/a 2</p>');
  });

  it('the type comes from the name', async () => {
    const made = await counting();
    const expected = {
      'a.css': 'text/css; charset=utf-8',
      'a.json': 'application/json; charset=utf-8',
      'a.png': 'image/png',
      'a.unheard-of': type,
      plain: type,
    };
    for (const [path, media] of Object.entries(expected)) {
      await made.put(path, 'x');
      const hit = await made.ask(`/${path}`);
      expect(hit.headers['content-type']).toBe(media);
      expect(hit.headers.vary).toBe(path === 'a.png' ? undefined : 'Accept-Encoding');
    }
  });
});
