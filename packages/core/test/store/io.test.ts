/** What both speeds of file calls promise, and what the small functions around them do with an error. */
import fs from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { directIo } from '../../src/store/direct-io.ts';
import { isFolded } from '../../src/store/exact.ts';
import { foundEntries, type Io, ignoring, lookAt } from '../../src/store/io.ts';
import { createPoolIo, writersFor } from '../../src/store/pool-io.ts';
import { all, openFiles, scratchFolder } from '../support/tree.ts';

const speeds: readonly (readonly [string, Io])[] = [
  ['direct', directIo],
  ['pool', createPoolIo(2)],
];
afterEach(() => {
  vi.restoreAllMocks();
});

const odd = (): never => {
  throw new Error('an error without a code');
};

test.each(speeds)(
  '%s: a folder that the system cannot flush is no failure, a missing one is',
  async (_, io) => {
    const before = openFiles();
    // The files of the kernel are nowhere on a disk (EINVAL).
    if (fs.existsSync('/proc/self')) await io.syncFolder('/proc/self');
    await io.syncFolder(scratchFolder());
    await expect((async () => io.syncFolder(`${scratchFolder()}/none`))()).rejects.toMatchObject({
      code: 'ENOENT',
    });
    expect(openFiles()).toBe(before);
  },
);

test.each(speeds)('%s: a folder that cannot be read is named in the error', async (_, io) => {
  const folder = `/tmp/${'x'.repeat(300)}`;
  await expect(all(foundEntries(io, folder))).rejects.toMatchObject({ code: 'ENAMETOOLONG', path: folder });
});

test.each(speeds)('%s: a flush that fails for no known reason is a failure', async (_, io) => {
  const before = openFiles();
  vi.spyOn(fs, 'fsyncSync').mockImplementation(odd);
  vi.spyOn(fs, 'fsync').mockImplementation(((_fd: number, done: (error: Error) => void) =>
    done(new Error('an error without a code'))) as typeof fs.fsync);
  await expect((async () => io.syncFolder(scratchFolder()))()).rejects.toThrow('without a code');
  expect(openFiles()).toBe(before);
});

test.each(speeds)('%s: a read that begins behind the end finds nothing', async (_, io) => {
  const path = `${scratchFolder()}/file`;
  fs.writeFileSync(path, 'text');
  const fd = await io.openRead(path);
  expect(String(await io.read(fd, 10))).toBe('text');
  expect(String(await io.read(fd, 10, 2))).toBe('xt');
  expect((await io.read(fd, 10, 9)).length).toBe(0);
  await io.close(fd);
});

test.each(speeds)('%s: what is at a path is asked without an error when nothing is', async (_, io) => {
  const root = scratchFolder();
  fs.writeFileSync(`${root}/file`, 'text');
  expect(await io.peek(`${root}/none`)).toBeUndefined();
  expect(await io.peek(`${root}/file/below`)).toBeUndefined();
  expect(await lookAt(io, `${root}/file/below`)).toBeUndefined();
  await expect((async () => io.peek(`${root}/${'x'.repeat(300)}`))()).rejects.toMatchObject({
    code: 'ENAMETOOLONG',
  });
  await expect(lookAt(io, `${root}/${'x'.repeat(300)}`)).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
});

test('an error without a code is never taken for one that may be ignored', async () => {
  await expect(ignoring(['ENOENT'], odd)).rejects.toThrow('without a code');
  await expect(all(foundEntries({ ...directIo, entries: odd }, '/'))).rejects.toThrow('without a code');
});

test('a name that cannot be compared is an error, not an answer', async () => {
  const io: Io = {
    ...directIo,
    names: () => {
      throw Object.assign(new Error('EIO'), { code: 'EIO' });
    },
  };
  await expect(isFolded(io, scratchFolder(), 'a/b')).rejects.toThrow('EIO');
  expect(await isFolded(directIo, scratchFolder(), 'a/b')).toBe(false);
});

test('however few threads there are, one may write and no more than leave two to readers', () => {
  expect([1, 2, 3, 4, 16].map(writersFor)).toEqual([1, 1, 1, 2, 14]);
});
