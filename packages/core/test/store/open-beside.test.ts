/** A tree is opened while others purge, sweep, open and tidy it up: at each file call of the opening one of them comes first. */
import fs from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { createPageCache, openTree } from '../../src/create.ts';
import { bodyAt, inMemory, leftovers, newCache, scratchFolder, store } from '../support/tree.ts';

type Call = (...args: unknown[]) => unknown;
const calls = fs as unknown as Record<string, Call>;
const names = Object.keys(fs).filter((name) => name.endsWith('Sync'));
const real = Object.fromEntries(names.map((name) => [name, calls[name]!]));

function restore(): void {
  for (const name of names) calls[name] = real[name]!;
}
afterEach(restore);

/** Does something before the n-th file call, and every `again` calls from there on. */
function before(n: number, act: () => void, run: () => void, again = Number.POSITIVE_INFINITY): void {
  let count = 0;
  let isActing = false;
  for (const name of names) {
    const call: Call = (...args) => {
      if (!isActing) {
        if (count >= n && (count === n || (count - n) % again === 0)) {
          isActing = true;
          act();
          isActing = false;
        }
        count += 1;
      }
      return real[name]!(...args);
    };
    calls[name] = Object.assign(call, real[name]);
  }
  try {
    run();
  } finally {
    restore();
  }
}

/** What a purge of everything takes: meta by a rename, and then it is deleted. */
function purgeEverything(root: string): void {
  for (const folder of ['meta', 'private/meta']) {
    const grave = `${root}/.pagetree/trash/${folder.length}`;
    try {
      fs.renameSync(`${root}/.pagetree/${folder}`, grave);
      fs.rmSync(grave, { recursive: true });
    } catch {
      // It is gone already.
    }
  }
}

const remove = (path: string): void => fs.rmSync(path, { recursive: true, force: true });

const disturbances: Record<string, (root: string) => void> = {
  'a purge of everything': purgeEverything,
  'a purge and another opening': (root) => {
    purgeEverything(root);
    createPageCache({ cacheDir: root });
  },
  'who tidies the trash up': (root) => remove(`${root}/.pagetree/trash`),
  'who empties the trash': (root) => {
    for (const name of fs.existsSync(`${root}/.pagetree/trash`)
      ? fs.readdirSync(`${root}/.pagetree/trash`)
      : [])
      remove(`${root}/.pagetree/trash/${name}`);
  },
  'who removes all that is internal': (root) => remove(`${root}/.pagetree`),
};

describe.each(Object.entries(disturbances))('beside %s', (_, disturb) => {
  test.each([
    ['a new tree', false],
    ['a tree that is there', true],
  ])('%s opens, whenever that comes, and can be written', async (_name, isThere) => {
    const fresh = (): string => {
      const root = scratchFolder(inMemory);
      if (isThere) createPageCache({ cacheDir: root });
      return root;
    };
    let acted = 1;
    for (let n = 0; acted > 0; n += 1) {
      const root = fresh();
      let cache = undefined as unknown as ReturnType<typeof createPageCache>;
      acted = 0;
      before(
        n,
        () => {
          acted += 1;
          disturb(root);
        },
        () => {
          cache = createPageCache({ cacheDir: root, variants: false, durability: 'none' });
        },
      );
      if (acted === 0) expect(n).toBeGreaterThan(20);
      if (!fs.existsSync(`${root}/.pagetree`)) continue;
      expect(await store(cache, '/page', 'text'), `before call ${n}`).toMatchObject({ kind: 'stored' });
      expect(await bodyAt(cache, '/page')).toBe('text');
      expect(leftovers(root)).toEqual([]);
    }
  });
});

test.each([2, 3, 5, 7, 11])('beside purges that come at every call but %i', (again) => {
  const { root } = newCache();
  for (let n = 0; n < again; n += 1)
    before(
      n,
      () => purgeEverything(root),
      () => expect(openTree(root).token).toBeDefined(),
      again,
    );
});

test('who finds pages in a new folder looks whether somebody else made a tree of it just then', async () => {
  const root = scratchFolder(inMemory);
  let other: ReturnType<typeof createPageCache> | undefined;
  const act = (): void => {
    other = createPageCache({ cacheDir: root, layout: 'html' });
    fs.writeFileSync(`${root}/page.html`, 'a page of theirs');
  };
  for (let n = 0; ; n += 1) {
    for (const name of fs.readdirSync(root)) remove(`${root}/${name}`);
    other = undefined;
    let cache: ReturnType<typeof createPageCache> | undefined;
    before(n, act, () => {
      try {
        cache = createPageCache({ cacheDir: root });
      } catch (error) {
        expect((error as { code: string }).code).toBe('ERR_PAGETREE_MANIFEST_MISMATCH');
      }
    });
    if (other === undefined) break;
    expect(cache?.manifest ?? (other as { manifest: unknown }).manifest).toEqual(
      (other as { manifest: unknown }).manifest,
    );
  }
});
