/** Folding on a tree that can only be read: the names in it tell. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { foldsAsFound } from '../../src/store/folding.ts';
import { inMemory, newCache, scratchFolder, store } from '../support/tree.ts';

const composed = 'caf\u00e9';
const decomposed = composed.normalize('NFD');

test('a tree whose names have one spelling, or two that stay apart, is on no disk that folds', async () => {
  const { cache, root } = newCache();
  await store(cache, '/a/b', 'page');
  expect(foldsAsFound({ root })).toBe(false);
  await store(cache, '/a/caf%C3%A9', 'page');
  expect(foldsAsFound({ root })).toBe(false);
  fs.writeFileSync(`${root}/a/${decomposed}`, 'another page');
  expect(foldsAsFound({ root })).toBe(false);
  await cache.close();
});

// A second name for one file is what such a disk looks like from outside.
test.each([
  ['composed', composed, decomposed],
  ['decomposed', decomposed, composed],
])('a %s name that is found by its other spelling too tells that the disk folds', (_, name, other) => {
  const root = scratchFolder();
  fs.mkdirSync(`${root}/deep/er`, { recursive: true });
  fs.writeFileSync(`${root}/deep/er/${name}`, 'page');
  expect(foldsAsFound({ root })).toBe(false);
  fs.linkSync(`${root}/deep/er/${name}`, `${root}/deep/er/${other}`);
  expect(foldsAsFound({ root })).toBe(true);
});

test('the name of our own folder without case tells it, and what may not be read tells nothing', () => {
  const root = scratchFolder();
  expect(foldsAsFound({ root: `${root}/gone` })).toBe(false);
  fs.mkdirSync(`${root}/.PAGETREE`);
  expect(foldsAsFound({ root })).toBe(true);
});

test('no more than some thousand names are looked at', () => {
  const root = scratchFolder(inMemory);
  for (let at = 0; at < 10_000; at += 1) fs.writeFileSync(`${root}/${at}`, '');
  fs.mkdirSync(`${root}/z`);
  fs.writeFileSync(`${root}/z/${composed}`, 'page');
  fs.linkSync(`${root}/z/${composed}`, `${root}/z/${decomposed}`);
  expect(foldsAsFound({ root })).toBe(false);
});
