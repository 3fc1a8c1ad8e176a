/** Who loses the permission leaves a folder alone that stands by then where the page was. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { directIo } from '../../src/store/direct-io.ts';
import type { Io } from '../../src/store/io.ts';
import { bodyAt, html, leftovers, newCache, store } from '../support/tree.ts';

/** Moves a page, and just before a call on it somebody purges it and stores below. */
async function overtaken(first: readonly (keyof Io)[], calls: Partial<Io> = {}): Promise<void> {
  const { cache: other, root } = newCache();
  await store(other, '/a', 'above', html());
  let isOvertaken = false;
  const io: Io = { ...directIo, ...calls };
  const late = (name: keyof Io): unknown => {
    const call = io[name] as (...args: string[]) => unknown;
    return async (...args: string[]): Promise<void> => {
      if (args[0] === `${root}/a` && !isOvertaken) {
        isOvertaken = true;
        await other.purge({ path: '/a' });
        expect(await store(other, '/a/c', 'newer')).toMatchObject({ kind: 'stored' });
      }
      await call(...args);
    };
  };
  const lateCalls = Object.fromEntries(first.map((name) => [name, late(name)]));
  const { cache } = newCache({ cacheDir: root }, { io: { ...io, ...lateCalls } });
  expect(await store(cache, '/a/b', 'below')).toMatchObject({ kind: 'stored' });
  expect(isOvertaken).toBe(true);
  expect(leftovers(root)).toEqual([]);
  expect(await store(other, '/a', 'again')).toMatchObject({ kind: 'stored' });
  const bodies = await Promise.all(['/a', '/a/b', '/a/c'].map((target) => bodyAt(other, target)));
  expect(bodies).toEqual(['again', 'below', 'newer']);
}

const fails = (code: string) => (): never => {
  throw Object.assign(new Error(code), { code });
};

test('a move takes no folder, whose first call on the page comes late', () => overtaken(['link', 'rename']));

test('a move removes no folder, whose second call on the page comes late', () =>
  overtaken(['unlink', 'rename']));

test('a move takes no folder where there are no links, when its look comes late', () =>
  overtaken(['link', 'rename'], { link: fails('ENOTSUP') }));

test('a page that lost its meta to a purge is taken back, and a folder there by then is no failure', async () => {
  const { cache: other, root } = newCache();
  let isOvertaken = false;
  const peek: Io['peek'] = async (path) => {
    if (!isOvertaken && path.endsWith('/meta/a.pagetree') && fs.existsSync(`${root}/a`)) {
      isOvertaken = true;
      await other.purge({ all: true });
      expect(await store(other, '/a/b', 'below')).toMatchObject({ kind: 'stored' });
    }
    return directIo.peek(path);
  };
  const { cache } = newCache({ cacheDir: root }, { io: { ...directIo, peek } });
  expect(await store(cache, '/a', 'above', html())).toMatchObject({ kind: 'refused', reason: 'fenced' });
  expect(isOvertaken).toBe(true);
  expect(leftovers(root)).toEqual([]);
  expect([await bodyAt(other, '/a'), await bodyAt(other, '/a/b')]).toEqual([undefined, 'below']);
});

test('a page whose folder has become a page while it was moved is no failure of the disk', async () => {
  const { cache: other, root } = newCache();
  await store(other, '/k/x', 'above', html());
  let isOvertaken = false;
  const mkdir: Io['mkdir'] = async (path, mode) => {
    if (path === `${root}/k/x` && !isOvertaken) {
      isOvertaken = true;
      await other.purge({ path: '/k/x' });
      expect(await store(other, '/k', 'newer', html())).toMatchObject({ kind: 'stored' });
    }
    return directIo.mkdir(path, mode);
  };
  const { cache } = newCache({ cacheDir: root }, { io: { ...directIo, mkdir } });
  expect(await store(cache, '/k/x/y', 'below')).toMatchObject({ kind: 'stored' });
  expect(isOvertaken).toBe(true);
  expect(leftovers(root)).toEqual([]);
  const bodies = await Promise.all(['/k', '/k/x', '/k/x/y'].map((target) => bodyAt(other, target)));
  expect(bodies).toEqual(['newer', undefined, 'below']);
});
