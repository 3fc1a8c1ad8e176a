/** What processes note about a tree with bounds, and what becomes of it when notes are damaged or their maker is dead. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { directIo } from '../../src/store/direct-io.ts';
import type { Io } from '../../src/store/io.ts';
import { type Owner, thisOwner } from '../../src/store/owner.ts';
import { treePaths } from '../../src/store/tree.ts';
import { type Amount, Usage } from '../../src/store/usage.ts';
import { scratchFolder, watched } from '../support/tree.ts';

const NONE: Amount = { pages: 0, bytes: 0 };
const self = thisOwner();

interface World {
  readonly root: string;
  /** What a walk would count. */
  truth: Amount;
  readonly open: (io?: Io, owner?: Owner) => Usage;
}

function world(): World {
  const root = scratchFolder();
  const tree = treePaths(root);
  fs.mkdirSync(tree.usage, { recursive: true });
  const made: World = {
    root,
    truth: NONE,
    open: (io = directIo, owner = thisOwner()) =>
      new Usage({
        io,
        tree,
        owner,
        fileMode: 0o644,
        monotonic: () => 0,
        recount: async () => made.truth,
      }),
  };
  return made;
}

const notes = (root: string): string[] =>
  fs.readdirSync(`${root}/.pagetree/usage`).filter((name) => name.startsWith('notes-'));

test('a process that begins after the count is added to it', async () => {
  const { open } = world();
  const first = open();
  await first.refresh(true);
  const later = open();
  later.changed(2, 200);
  await later.refresh(true);
  await first.refresh(true);
  expect(first.total).toEqual({ pages: 2, bytes: 200 });
  expect(later.total).toEqual({ pages: 2, bytes: 200 });
});

test('the notes of a dead process go with a count, and those of a living one stay', async () => {
  const here = world();
  const dead = here.open(directIo, { ...self, start: '1', instance: '0badc0de' });
  const alive = here.open();
  dead.changed(3, 300);
  alive.changed(1, 100);
  await dead.refresh(true);
  await alive.refresh(true);
  expect(notes(here.root)).toHaveLength(2);
  here.truth = { pages: 4, bytes: 400 };
  await alive.recount();
  expect(alive.total).toEqual(here.truth);
  expect(notes(here.root)).toEqual([expect.not.stringContaining('0badc0de')]);
});

test('notes that are damaged count nothing, and nobody fails', async () => {
  const { root, open } = world();
  const usage = open();
  await usage.refresh(true);
  for (const [index, text] of ['', 'half [', '{"pages":1}', '["one", 2]', '[1, "two"]', 'null'].entries())
    fs.writeFileSync(`${root}/.pagetree/usage/notes-0000000${index}-1-1-00000000`, text);
  fs.writeFileSync(`${root}/.pagetree/usage/notes-stranger`, '[7, 7]');
  usage.changed(1, 10);
  await usage.refresh(true);
  expect(usage.total).toEqual({ pages: 1, bytes: 10 });
});

test.each(['', '[]', '{"pages":"many","bytes":1}', '{"pages":1}'])(
  'a count that is damaged (%s) is made again',
  async (text) => {
    const here = world();
    here.truth = { pages: 5, bytes: 50 };
    fs.writeFileSync(`${here.root}/.pagetree/usage/counted`, text);
    const usage = here.open();
    await usage.refresh(true);
    expect(usage.total).toEqual(here.truth);
  },
);

test('a count that names no process is added to by all of them', async () => {
  const { root, open } = world();
  fs.writeFileSync(`${root}/.pagetree/usage/counted`, '{"pages":5,"bytes":50}');
  const usage = open();
  usage.changed(1, 1);
  await usage.refresh(true);
  expect(usage.total).toEqual({ pages: 6, bytes: 51 });
});

test('a folder of notes that was removed by hand is made again', async () => {
  const { root, open } = world();
  const usage = open();
  fs.rmSync(`${root}/.pagetree/usage`, { recursive: true });
  await usage.refresh(true);
  expect(usage.total).toEqual(NONE);
  expect(notes(root)).toHaveLength(1);
});

test('while the disk fails nothing is known, and that is no failure of whoever asks', async () => {
  const { open } = world();
  let fails = true;
  const usage = open(
    watched(directIo, (call) => {
      if (fails && call === 'create') throw Object.assign(new Error('EIO'), { code: 'EIO' });
    }),
  );
  await usage.refresh(true);
  await usage.recount();
  expect(usage.total).toBeUndefined();
  fails = false;
  await usage.refresh(true);
  expect(usage.total).toEqual(NONE);
});

test('no figure is below zero, whatever was removed by hand and purged after', async () => {
  const { open } = world();
  const usage = open();
  await usage.refresh(true);
  usage.changed(-3, -300);
  expect(usage.total).toEqual(NONE);
});
