import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { directIo } from '../../src/store/direct-io.ts';
import { codeOf, type Entry, type Io } from '../../src/store/io.ts';
import { LONG } from '../support/long.ts';
import { MemoryFs } from './memory-io.ts';

/** A call with names instead of paths, and with the count of an open file instead of its number. */
type Call =
  | { readonly call: 'rename' | 'link' | 'symlink'; readonly from: string; readonly to: string }
  | { readonly call: PathCall; readonly path: string }
  | { readonly call: 'utimes'; readonly path: string; readonly seconds: number }
  | { readonly call: 'write' | 'read' | 'fstat' | 'close' | 'fdatasync'; readonly file: number };
type PathCall =
  | 'openRead'
  | 'create'
  | 'append'
  | 'lstat'
  | 'peek'
  | 'unlink'
  | 'mkdir'
  | 'rmdir'
  | 'realpath'
  | 'names'
  | 'entries'
  | 'syncFolder';

const name = fc.constantFrom('a', 'b', 'c');
const path = fc.oneof(
  { weight: 3, arbitrary: name },
  { weight: 3, arbitrary: fc.tuple(name, name).map((names) => names.join('/')) },
  { weight: 1, arbitrary: fc.tuple(name, name, name).map((names) => names.join('/')) },
  { weight: 1, arbitrary: name.map((one) => `${one}/`) },
);
// A slash at the end means something to `rename` only; nothing else is called with one.
const plain = path.filter((one) => !one.endsWith('/'));
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ call: fc.constant('rename' as const), from: path, to: plain }),
  fc.record({ call: fc.constantFrom('link' as const, 'symlink' as const), from: plain, to: plain }),
  {
    weight: 6,
    arbitrary: fc.record({
      call: fc.constantFrom<PathCall>(
        ...(['openRead', 'create', 'append', 'lstat', 'peek', 'unlink', 'mkdir', 'mkdir', 'rmdir'] as const),
        ...(['realpath', 'names', 'entries', 'syncFolder'] as const),
      ),
      path: plain,
    }),
  },
  fc.record({
    call: fc.constant('utimes' as const),
    path: plain,
    seconds: fc.integer({ min: 1, max: 9999 }),
  }),
  fc.record({
    call: fc.constantFrom(...(['write', 'read', 'fstat', 'close', 'fdatasync'] as const)),
    file: fc.nat(3),
  }),
);

/** Runs a call and shows what came of it, in words that are the same for every file system. */
async function show(
  io: Io,
  root: string,
  one: Call,
  files: number[],
  link: typeof fs.symlinkSync,
): Promise<unknown> {
  const at = (path: string): string => `${root}/${path}`;
  try {
    if ('file' in one) {
      const fd = files[one.file];
      if (fd === undefined) return 'no such file';
      if (one.call === 'write') return await io.write(fd, Buffer.from(`bytes of ${one.file}`), one.file);
      if (one.call === 'read') return String(await io.read(fd, 64));
      if (one.call === 'close') {
        files.splice(one.file, 1);
        return await io.close(fd);
      }
      if (one.call === 'fdatasync') return await io.fdatasync(fd);
      const { kind, size } = await io.fstat(fd);
      return kind === 'folder' ? kind : [kind, size];
    }
    if ('from' in one) {
      if (one.call === 'symlink') return link(one.from, at(one.to));
      return await io[one.call](at(one.from), at(one.to));
    }
    if (one.call === 'utimes') return await io.utimes(at(one.path), one.seconds);
    if (one.call === 'openRead' || one.call === 'create') {
      files.push(await io[one.call](at(one.path), 0o644));
      return 'open';
    }
    if (one.call === 'append') return await io.append(at(one.path), 'line\n', 0o644);
    if (one.call === 'mkdir') return await io.mkdir(at(one.path), 0o755);
    if (one.call === 'names') return [...(await io.names(at(one.path)))].sort();
    if (one.call === 'entries') {
      const found: Entry[] = [];
      for await (const entry of io.entries(at(one.path))) found.push(entry);
      return found.sort((a, b) => (a.name < b.name ? -1 : 1));
    }
    if (one.call === 'realpath') return (await io.realpath(at(one.path))).slice(root.length);
    if (one.call === 'peek') {
      const facts = await io.peek(at(one.path));
      return facts && { kind: facts.kind, isLink: facts.isLink };
    }
    if (one.call === 'lstat') {
      const { kind, size, isLink } = await io.lstat(at(one.path));
      return kind === 'folder' ? kind : [kind, size, isLink];
    }
    return await io[one.call](at(one.path));
  } catch (error) {
    return codeOf(error) ?? error;
  }
}

const scratch = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'pagetree-model-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));

test('the file system in memory answers every sequence of calls as the real one does', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 5, maxLength: 30 }), async (calls) => {
      const root = `${scratch}/${++run}`;
      fs.mkdirSync(root);
      const model = new MemoryFs();
      let above = '';
      for (const one of root.split('/').slice(1)) {
        above += `/${one}`;
        model.mkdir(above, 0o755);
      }
      const [real, modelled]: [number[], number[]] = [[], []];
      try {
        for (const one of calls) {
          const expected = await show(directIo, root, one, real, fs.symlinkSync);
          const got = await show(model, root, one, modelled, (target, path) =>
            model.symlink(String(target), String(path)),
          );
          expect(got, JSON.stringify(one)).toEqual(expected);
        }
      } finally {
        for (const fd of real) fs.closeSync(fd);
      }
      const shown = [...model.lines(root)].map(({ path, kind }) => `${kind} ${path}`);
      const found = fs.readdirSync(root, { recursive: true, withFileTypes: true }).map((entry) => {
        const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'link';
        return `${kind} ${join(entry.parentPath, entry.name).slice(root.length + 1)}`;
      });
      expect(shown.sort()).toEqual(found.sort());
    }),
    { numRuns: LONG ? 20_000 : 1500 },
  );
}, 600_000);

test('times: what is made and written has the time of the clock, a page the time that it was given', () => {
  const io = new MemoryFs();
  io.mkdir('/t', 0o755);
  io.close(io.create('/t/a', 0o644));
  io.clock += 5000;
  io.utimes('/t/a', 12);
  expect(io.lstat('/t/a')).toMatchObject({ mtimeMs: 12_000, ctimeMs: io.clock });
  expect(io.lstat('/t').mtimeMs).toBe(io.clock - 5000);
  io.rename('/t/a', '/t/b');
  expect(io.lstat('/t').mtimeMs).toBe(io.clock);
});
