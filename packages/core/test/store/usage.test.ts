/** What processes note about a tree with bounds, and what becomes of it when notes are damaged or their maker is dead. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { directIo } from '../../src/store/direct-io.ts';
import type { Io } from '../../src/store/io.ts';
import { type Owner, thisOwner } from '../../src/store/owner.ts';
import { treePaths } from '../../src/store/tree.ts';
import { Usage } from '../../src/store/usage.ts';
import type { Amount } from '../../src/store/usage-files.ts';
import { scratchFolder, watched } from '../support/tree.ts';

const NONE: Amount = { pages: 0, bytes: 0 };
const self = thisOwner();

interface World {
  readonly root: string;
  /** What a walk would count. */
  truth: Amount;
  /** How often it was counted. */
  counts: number;
  now: number;
  readonly open: (how?: { io?: Io; owner?: Owner; bounded?: boolean }) => Usage;
  /** Waits for counts that nobody waits for. */
  readonly settled: () => Promise<unknown>;
}

function world(): World {
  const root = scratchFolder();
  const tree = treePaths(root);
  const work: Promise<unknown>[] = [];
  fs.mkdirSync(tree.usage, { recursive: true });
  const made: World = {
    root,
    truth: NONE,
    counts: 0,
    now: 1_700_000_000_000,
    settled: () => Promise.all(work),
    open: ({ io = directIo, owner = thisOwner(), bounded = true } = {}) =>
      new Usage({
        io,
        tree,
        owner,
        bounded,
        fileMode: 0o644,
        monotonic: () => 0,
        now: () => made.now,
        recount: async () => {
          made.counts += 1;
          return made.truth;
        },
        track: (one) => void work.push(one),
      }),
  };
  return made;
}

const dead = { owner: { ...self, start: '1', instance: '0badc0de' } };
const failing = (isOn: (call: string, path: unknown) => boolean): Io =>
  watched(directIo, (call, [path]) => {
    if (isOn(call, path)) throw Object.assign(new Error('EIO'), { code: 'EIO' });
  });

const notes = (root: string): string[] =>
  fs.readdirSync(`${root}/.pagetree/usage`).filter((name) => name.startsWith('notes-'));

test('a process that begins after the count is added to it', async () => {
  const { open } = world();
  const first = open();
  await first.exchange();
  const later = open();
  later.changed(2, 200);
  await later.exchange();
  await first.exchange();
  expect(first.total).toEqual({ pages: 2, bytes: 200 });
  expect(later.total).toEqual({ pages: 2, bytes: 200 });
});

test('the notes of a dead process go with a count, and those of a living one stay', async () => {
  const here = world();
  const gone = here.open(dead);
  const alive = here.open();
  gone.changed(3, 300);
  alive.changed(1, 100);
  await gone.exchange();
  await alive.exchange();
  expect(notes(here.root)).toHaveLength(2);
  here.truth = { pages: 4, bytes: 400 };
  await alive.recount();
  expect(alive.total).toEqual(here.truth);
  expect(notes(here.root)).toEqual([expect.not.stringContaining('0badc0de')]);
});

test('notes that are damaged count nothing, and nobody fails', async () => {
  const { root, open } = world();
  const usage = open();
  await usage.exchange();
  for (const [index, text] of [
    '',
    'half [',
    '{"pages":1}',
    '{"pages":"one","bytes":2}',
    '[1, 2]',
    'null',
  ].entries())
    fs.writeFileSync(`${root}/.pagetree/usage/notes-0000000${index}-1-1-00000000`, text);
  fs.writeFileSync(`${root}/.pagetree/usage/notes-stranger`, '[7, 7]');
  usage.changed(1, 10);
  await usage.exchange();
  expect(usage.total).toEqual({ pages: 1, bytes: 10 });
});

test.each(['', '[]', '{"pages":"many","bytes":1}', '{"pages":1}'])(
  'a count that is damaged (%s) is made again',
  async (text) => {
    const here = world();
    here.truth = { pages: 5, bytes: 50 };
    fs.writeFileSync(`${here.root}/.pagetree/usage/counted`, text);
    const usage = here.open();
    await usage.exchange();
    expect(usage.total).toEqual(here.truth);
  },
);

test('a count that names no process is added to by all of them', async () => {
  const { root, open } = world();
  fs.writeFileSync(`${root}/.pagetree/usage/counted`, '{"pages":5,"bytes":50}');
  const usage = open();
  usage.changed(1, 1);
  await usage.exchange();
  expect(usage.total).toEqual({ pages: 6, bytes: 51 });
});

test('a folder of notes that was removed by hand is made again', async () => {
  const { root, open } = world();
  const usage = open();
  fs.rmSync(`${root}/.pagetree/usage`, { recursive: true });
  await usage.exchange();
  expect(usage.total).toEqual(NONE);
  expect(notes(root)).toHaveLength(1);
});

test('while the disk fails nothing is known, and that is no failure of whoever asks', async () => {
  const { open } = world();
  let fails = true;
  const usage = open({ io: failing((call) => fails && call === 'create') });
  await usage.exchange();
  await usage.recount();
  expect(usage.total).toBeUndefined();
  fails = false;
  await usage.exchange();
  expect(usage.total).toEqual(NONE);
});

test('no figure is below zero, whatever was removed by hand and purged after', async () => {
  const { open } = world();
  const usage = open();
  await usage.exchange();
  usage.changed(-3, -300);
  expect(usage.total).toEqual(NONE);
});

test('a reservation counts for others at once, and a count by a walk does not take it for a page that was there', async () => {
  const here = world();
  const usage = here.open();
  const other = here.open();
  await other.exchange();
  const giveBack = usage.reserve({ pages: 1, bytes: 100 });
  await usage.exchange();
  await other.exchange();
  expect(other.total).toEqual({ pages: 1, bytes: 100 });
  expect(other.writers).toBe(2);
  await other.recount();
  giveBack();
  usage.changed(1, 90);
  await usage.exchange();
  await other.exchange();
  for (const one of [usage, other]) expect(one.total).toEqual({ pages: 1, bytes: 90 });
});

test('what was noted before an exchange began is written down by the time it ends, also while another one is under way', async () => {
  const here = world();
  const [usage, other] = [here.open(), here.open()];
  await other.exchange();
  const first = usage.exchange();
  usage.changed(1, 1);
  const second = usage.exchange();
  usage.changed(1, 1);
  await Promise.all([first, second, usage.exchange()]);
  expect(usage.unshared).toEqual(NONE);
  await other.exchange();
  expect(other.total).toEqual({ pages: 2, bytes: 2 });
});

test('what a cache did last is noted when it is closed, and its notes go with the next count though the process lives', async () => {
  const here = world();
  const [closing, other] = [here.open(), here.open()];
  await closing.exchange();
  closing.changed(7, 70);
  await closing.close();
  await other.exchange();
  expect(other.total).toEqual({ pages: 7, bytes: 70 });
  expect(other.writers).toBe(1);
  here.truth = { pages: 7, bytes: 70 };
  await other.recount();
  expect(notes(here.root)).toHaveLength(1);
  expect(other.total).toEqual(here.truth);
});

test('a process that died took its last pages with it, so the tree is counted anew, at most once a minute', async () => {
  const here = world();
  await here.open(dead).exchange();
  const usage = here.open();
  here.truth = { pages: 9, bytes: 90 };
  for (const [later, counts] of [
    [0, 1],
    [59_000, 1],
    [1000, 2],
    [1000, 2],
  ] as const) {
    here.now += later;
    await usage.exchange();
    await here.settled();
    expect(here.counts, `${later} ms later`).toBe(counts);
  }
  expect(usage.total).toEqual(here.truth);
  expect(notes(here.root)).toHaveLength(1);
});

test('a doubt leads to a walk once a minute, however often it is raised and by however many caches', async () => {
  const here = world();
  const all = [here.open(), here.open(), here.open()];
  for (let second = 0; second < 180; second += 6) {
    here.now += 6000;
    for (const usage of all) {
      usage.doubt();
      await usage.exchange();
      await here.settled();
    }
  }
  expect(here.counts).toBeLessThanOrEqual(4);
  expect(here.counts).toBeGreaterThanOrEqual(3);
});

test('the notes of a hundred caches that were closed are worth a walk', async () => {
  const here = world();
  const usage = here.open();
  await usage.exchange();
  for (let at = 0; at < 100; at += 1) {
    const one = here.open();
    one.changed(1, 1);
    await one.close();
  }
  here.truth = { pages: 100, bytes: 100 };
  here.now += 60_000;
  await usage.exchange();
  await here.settled();
  expect(notes(here.root)).toHaveLength(1);
  await usage.exchange();
  expect(usage.total).toEqual(here.truth);
});

test('a cache without bounds notes what it removed only where others keep to bounds', async () => {
  const here = world();
  const purging = here.open({ bounded: false });
  purging.changed(-2, -20);
  await purging.close();
  expect(notes(here.root)).toEqual([]);
  here.truth = { pages: 5, bytes: 50 };
  const usage = here.open();
  await usage.exchange();
  await purging.close();
  await usage.exchange();
  expect(usage.total).toEqual({ pages: 3, bytes: 30 });
});

test('a note that could not be written leaves no file behind, whichever call failed', async () => {
  for (const call of ['write', 'close', 'rename']) {
    const here = world();
    const { root } = here;
    here.truth = { pages: 1, bytes: 1 };
    let on = true;
    const usage = here.open({ io: failing((one) => on && one === call) });
    usage.changed(1, 1);
    await usage.exchange();
    expect(fs.readdirSync(`${root}/.pagetree/usage`), call).toEqual([]);
    on = false;
    await usage.exchange();
    expect(usage.total, call).toEqual(here.truth);
  }
});

test('a count that could not be read is not one that is not there: no walk for a passing failure', async () => {
  const here = world();
  await here.open().exchange();
  let on = true;
  const usage = here.open({
    io: failing((call, path) => on && call === 'openRead' && String(path).endsWith('counted')),
  });
  await usage.exchange();
  expect([usage.total, here.counts]).toEqual([undefined, 1]);
  on = false;
  await usage.exchange();
  expect([usage.total, here.counts]).toEqual([NONE, 1]);
});
