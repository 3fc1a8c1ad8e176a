/** Several processes over one tree with bounds: it keeps to them, also when they live for a moment only, or are killed. */
import fs from 'node:fs';
import { expect, it } from 'vitest';
import { Child, inMemory, temporaryFolder } from './processes.ts';

const MOST = 100;
/** How far processes that store in the same second may go beyond: a tenth. */
const TOGETHER = MOST * 1.1;
const PROCESSES = 6;
const EACH = 50;

type WhenFull = 'refuse' | 'evict';
const range = Array.from({ length: PROCESSES }, (_, at) => at);

/** The pages of a tree. */
function pagesIn(cacheDir: string): string[] {
  return (fs.readdirSync(cacheDir, { recursive: true, withFileTypes: true }) as fs.Dirent[])
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('.pagetree'))
    .map(({ parentPath, name }) => `${parentPath}/${name}`)
    .filter((path) => !/\.gz$|CACHEDIR\.TAG$/.test(path));
}

async function opened(cacheDir: string, whenFull: WhenFull): Promise<Child> {
  const child = new Child('bounded');
  await child.call('open', { cacheDir, options: { maxEntries: MOST, whenFull } });
  return child;
}

/** A process that ends as a command does. */
async function runOne(cacheDir: string, whenFull: WhenFull, name: string): Promise<void> {
  const child = await opened(cacheDir, whenFull);
  await child.call('fill', { name, count: EACH, width: 4 });
  await child.call('close');
  await child.kill();
}

for (const whenFull of ['refuse', 'evict'] as const) {
  it(`${whenFull}: processes that live for less than a second, one after another, keep to the bound`, async () => {
    const cacheDir = `${temporaryFolder(inMemory)}/tree`;
    for (let run = 0; run < 4; run += 1) {
      await runOne(cacheDir, whenFull, `run-${run}`);
      const { length } = pagesIn(cacheDir);
      expect(length).toBeLessThanOrEqual(MOST);
      expect(length).toBeGreaterThanOrEqual(whenFull === 'refuse' ? Math.min(MOST, EACH * (run + 1)) : EACH);
    }
  }, 120_000);

  it(`${whenFull}: processes that store at the same time go beyond it by a tenth at most, and are within it in the end when the oldest go`, async () => {
    const cacheDir = `${temporaryFolder(inMemory)}/tree`;
    const children = await Promise.all(range.map(() => opened(cacheDir, whenFull)));
    await Promise.all(
      children.map((child, at) => child.call('fill', { name: `at-${at}`, count: EACH, width: 4 })),
    );
    for (const child of children) await child.call('close');
    const { length } = pagesIn(cacheDir);
    expect(length).toBeLessThanOrEqual(whenFull === 'refuse' ? TOGETHER : MOST);
    // Whoever finds no room gives it back, so a few places may stay free; an eviction makes room for a twentieth more.
    expect(length).toBeGreaterThanOrEqual(MOST * 0.8);
  }, 120_000);

  it(`${whenFull}: what processes stored that were killed is counted after a minute, and a sweep leaves nothing of them`, async () => {
    const cacheDir = `${temporaryFolder(inMemory)}/tree`;
    const witness = await opened(cacheDir, whenFull);
    await Promise.all(
      range.map(async (at) => {
        const child = await opened(cacheDir, whenFull);
        const dying = child.call('fill', { name: `killed-${at}`, count: 14, width: 2, andDie: true });
        await expect(dying).rejects.toThrow('SIGKILL');
      }),
    );
    const left = pagesIn(cacheDir).length;
    expect(left).toBeGreaterThanOrEqual(PROCESSES * 14);
    // What they noted, or were about to store, is known at once; what they did not note is a tenth at most.
    await witness.call('fill', { name: 'soon', count: EACH });
    if (whenFull === 'refuse') expect(pagesIn(cacheDir).length).toBeLessThanOrEqual(TOGETHER);
    await witness.call('advance', { milliseconds: 61_000 });
    await witness.call('fill', { name: 'later', count: EACH });
    await witness.call('sweep');
    expect(await witness.call('faults')).toEqual([]);
    expect(fs.readdirSync(`${cacheDir}/.pagetree/fills`)).toEqual([]);
    const notes = fs.readdirSync(`${cacheDir}/.pagetree/usage`);
    expect(notes.filter((name) => name.startsWith('notes-'))).toHaveLength(1);
    const before = pagesIn(cacheDir).length;
    await witness.call('fill', { name: 'last', count: EACH });
    await witness.call('close');
    const { length } = pagesIn(cacheDir);
    expect(length).toBeLessThanOrEqual(whenFull === 'refuse' ? Math.max(MOST, before) : MOST);
  }, 120_000);
}
