import fs from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { directIo } from '../../src/store/direct-io.ts';
import { Fills } from '../../src/store/fills.ts';
import type { Io } from '../../src/store/io.ts';
import { fillName, type Owner, readFillName, startOf, stateOf, thisOwner } from '../../src/store/owner.ts';
import { treePaths } from '../../src/store/tree.ts';
import { aged, all, leftovers, newCache } from '../support/tree.ts';

const hex = fc.stringMatching(/^[0-9a-f]{8}$/);
const owner = fc.record({
  host: hex,
  pid: fc.integer({ min: 1, max: 4_194_304 }),
  start: fc.bigInt({ min: 0n, max: 10n ** 15n }).map(String),
  instance: hex,
});
const key = fc
  .array(fc.stringMatching(/^[A-Za-z0-9%._~@-]{0,60}$/), { minLength: 1, maxLength: 6 })
  .map((names) => `/${names.join('/')}`);

test('the name of a fill says whose it is, and its key unless that is long; it fits in a directory entry', () => {
  fc.assert(
    fc.property(
      owner,
      fc.nat(2 ** 40),
      key,
      fc.constantFrom('.body', '.meta', '.gz', '.new', '.page'),
      (maker, count, key, suffix) => {
        fc.pre(!key.includes('%2F'));
        const name = fillName(maker, count, key) + suffix;
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
        expect(name).not.toContain('/');
        const read = readFillName(name)!;
        expect(read.owner).toEqual(maker);
        if (key.length <= 60) expect(read.key).toBe(key);
        else expect([key, undefined]).toContain(read.key);
      },
    ),
    { numRuns: 500 },
  );
});

test('any other name says nothing', () => {
  for (const name of ['', 'x', 'a-b-c-d-e@k.body', `${fillName(thisOwner(), 1, '/k')}`])
    expect(readFillName(name)).toBeUndefined();
});

test('a process is known by its number and its start: the same number later is another one', () => {
  const self = thisOwner();
  expect(startOf(process.pid)).toBe(self.start);
  expect(stateOf(self, self)).toBe('self');
  expect(stateOf({ ...self, start: '1' }, self)).toBe('dead');
  expect(stateOf({ ...self, pid: 4_194_303, start: '1' }, self)).toBe('dead');
  expect(stateOf({ ...self, host: '00000000' }, self)).toBe('unknown');
  expect(stateOf({ ...self, pid: process.ppid, start: startOf(process.ppid)! }, self)).toBe('alive');
});

function fillsOf(root: string, who: Owner, fillTimeout = 60, io: Io = directIo): Fills {
  return new Fills({
    tree: treePaths(root),
    io,
    owner: who,
    fileMode: 0o644,
    dirMode: 0o755,
    fillTimeout,
    folds: false,
  });
}

const self = thisOwner();
const makers: Record<string, { who: Owner; taken: boolean; late?: boolean }> = {
  'a living process': { who: { ...self, pid: process.ppid, start: startOf(process.ppid)! }, taken: false },
  'a dead process': { who: { ...self, pid: process.pid, start: '1' }, taken: true },
  'a process on another host': { who: { ...self, host: '00000000' }, taken: false },
  'an overdue process on another host': { who: { ...self, host: '00000000' }, taken: true, late: true },
  'an overdue living process': {
    who: { ...self, pid: process.ppid, start: startOf(process.ppid)! },
    taken: true,
    late: true,
  },
};

for (const [name, { who, taken, late }] of Object.entries(makers)) {
  test(`the fill of ${name} is ${taken ? 'taken over' : 'left alone'}`, async () => {
    const { root } = newCache();
    const theirs = fillsOf(root, who);
    const ours = fillsOf(
      root,
      { ...self, instance: 'ffffffff' },
      60,
      aged(directIo, () => late === true),
    );
    const permission = await theirs.acquire('/k');
    if (permission === 'busy') throw new Error('busy');
    expect(await theirs.acquire('/k')).toBe('busy');
    const left = (await all(ours.abandoned())).map(({ path }) => `${root}/.pagetree/fills/${path}`);
    expect(left).toEqual(taken ? [permission.body] : []);
    const got = await ours.acquire('/k');
    expect(got !== 'busy').toBe(taken);
    expect(fs.existsSync(permission.body)).toBe(!taken);
    if (got !== 'busy') await ours.abandon(got);
    await theirs.abandon(permission);
    expect(leftovers(root)).toEqual([]);
  });
}

test('a purge keeps the sign that stops moves as long as it lives, and one that could not be removed counts no more', async () => {
  const { root } = newCache();
  const ours = fillsOf(root, self, 1);
  const others = fillsOf(root, { ...self, instance: 'ffffffff' }, 1);
  const letMove = await ours.holdMoves();
  for (const name of fs.readdirSync(`${root}/.pagetree/fills`))
    fs.utimesSync(`${root}/.pagetree/fills/${name}`, 1000, 1000);
  expect(await others.holdsMoves()).toBe(true);
  fs.mkdirSync(`${root}/.pagetree/fills/${fillName(self, 99, '')}.purge`);
  await letMove();
  expect(await ours.holdsMoves()).toBe(false);
  fs.rmSync(`${root}/.pagetree/fills`, { recursive: true });
  await expect(ours.holdMoves()).rejects.toThrow('ENOENT');
});

test('a folder of fills that was removed by hand is made again', async () => {
  const { root } = newCache();
  const fills = fillsOf(root, self);
  fs.rmSync(`${root}/.pagetree/fills`, { recursive: true });
  const got = await fills.acquire('/k');
  expect(got).not.toBe('busy');
  if (got !== 'busy') await fills.abandon(got);
});

test('a page is touched only while nobody stores it', async () => {
  const { root } = newCache();
  const fills = fillsOf(root, self);
  const permission = await fills.acquire('/k');
  expect(fills.held).toBe(1);
  expect(await fills.isBusy('/k')).toBe(true);
  expect(await fills.whileIdle('/k', () => Promise.reject(new Error('never')))).toBe(false);
  if (permission !== 'busy') await fills.abandon(permission);
  let did = 0;
  expect(
    await fills.whileIdle('/k', async () => {
      did += 1;
    }),
  ).toBe(true);
  await expect(fills.whileIdle('/k', () => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
  expect([did, fills.held, leftovers(root)]).toEqual([1, 0, []]);
});
