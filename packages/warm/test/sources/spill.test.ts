import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SpillFile, SpillList } from '../../src/sources/spill.ts';
import { newFolder } from '../support/folders.ts';

const leftFiles = () => readdirSync(tmpdir()).filter((name) => /^pagetree-.*\.tmp$/.test(name));
afterEach(() => vi.unstubAllEnvs());

describe('a list that goes to a file', () => {
  it('gives back what was added, in its order', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 200 }), (texts) => {
        const lines = texts.map((text) => text.replaceAll('\n', ' '));
        const list = new SpillList();
        // Some of them are long enough to leave the memory.
        const long = lines.map((text, at) => (at % 20 === 0 ? text + 'x'.repeat(100_000) : text));
        for (const text of long) list.add(text);
        expect(list.length).toBe(long.length);
        expect([...list.drain()]).toEqual(long);
        expect(list.length).toBe(0);
        expect([...list.drain()]).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('takes no memory for a million texts, and has no name', () => {
    const list = new SpillList();
    list.add('begin');
    const before = process.memoryUsage();
    for (let at = 0; at < 1_000_000; at += 1) list.add(`/a/rather/long/path/of/a/page/${at}`);
    const after = process.memoryUsage();
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(
      60 << 20,
    );
    expect(leftFiles()).toEqual([]);
    let count = 0;
    for (const _ of list.drain()) count += 1;
    expect(count).toBe(1_000_001);
  });

  it('can be left in the middle', () => {
    const list = new SpillList();
    for (let at = 0; at < 100_000; at += 1) list.add(`/${at}`);
    for (const text of list.drain()) {
      expect(text).toBe('/0');
      break;
    }
    expect(list.length).toBe(0);
  });

  it('says so when there is no folder for it', () => {
    vi.stubEnv('TMPDIR', `${newFolder()}/not/there`);
    expect(() => new SpillFile().write(Buffer.from('x'))).toThrow(
      'The temporary folder cannot be used: there is no such file.',
    );
  });
});
