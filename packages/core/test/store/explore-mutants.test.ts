/** Protocols that are wrong: what shows that the search in `explore.test.ts` would find a mistake. */
import { expect, test, vi } from 'vitest';
import type { Io } from '../../src/store/io.ts';
import { fillFolderOf, hashOf, treePaths } from '../../src/store/tree.ts';
import { explore } from '../support/explore.ts';
import { playOf, type Scenario } from '../support/world.ts';

vi.mock('node:crypto', async (original) => (await import('../support/staged.ts')).stagedCrypto(original));
vi.mock('../../src/store/owner.ts', async (original) =>
  (await import('../support/staged.ts')).stagedOwner(original),
);
vi.mock('../../src/store/compress.ts', async (original) =>
  (await import('../support/staged.ts')).stagedCompressor(original),
);

const tree = treePaths('/t');
const isAny = (): boolean => true;

/** An `Io` with some calls replaced. */
const replaced = (io: Io, calls: Partial<Io>): Io => ({ ...io, ...calls });

const wrong: Record<string, { finds: RegExp; scenario: Scenario }> = {
  'the permission is taken after the render': {
    finds: /which was purged/,
    scenario: {
      actors: {
        fill: async (stage) => void (await stage.fill('/k', 'a1', { late: true })),
        purge: (stage) => stage.purge({ path: '/k' }, isAny),
      },
    },
  },
  'a purge deletes the page before it takes the permission': {
    finds: /which was purged|a variant without its body/,
    scenario: {
      actors: {
        fill: async (stage) => void (await stage.fill('/k', 'a1')),
        purge: (stage) =>
          stage.purgeBy(async () => {
            for (const path of ['/t/k.gz', '/t/k'])
              await Promise.resolve(stage.io.unlink(path)).catch(() => {});
            const folder = fillFolderOf(tree, hashOf('/k'));
            for (const name of await stage.io.names(folder))
              await Promise.resolve(stage.io.unlink(`${folder}/${name}`)).catch(() => {});
          }, isAny),
      },
    },
  },
  'a purge takes no permission': {
    finds: /which was purged/,
    scenario: {
      actors: {
        fill: async (stage) => void (await stage.fill('/k', 'a1')),
        purge: (stage) => stage.purge({ glob: '/k' }, isAny),
      },
      mutate: (io, name) =>
        name === 'purge'
          ? replaced(io, {
              // eslint-disable-next-line require-yield
              async *entries(path) {
                if (path !== tree.fills) yield* io.entries(path);
              },
            })
          : io,
    },
  },
  'a publish comes from outside the folder that a purge takes': {
    finds: /which was purged|a variant without its body/,
    scenario: {
      actors: {
        fill: async (stage) => void (await stage.fill('/k', 'a1')),
        purge: (stage) => stage.purge({ path: '/k' }, isAny),
      },
      mutate(io, name) {
        if (name !== 'fill') return io;
        const out = (path: string): string =>
          /\.(body|gz|meta|held)$/.test(path) && path.startsWith(tree.fills)
            ? `${tree.internal}/${path.slice(path.lastIndexOf('/') + 1)}`
            : path;
        return replaced(io, {
          create: (path, mode) => io.create(out(path), mode),
          openRead: (path) => io.openRead(out(path)),
          utimes: (path, seconds) => io.utimes(out(path), seconds),
          lstat: (path) => io.lstat(out(path)),
          unlink: (path) => io.unlink(out(path)),
          rename: (from, to) => io.rename(out(from), to),
          link: (from, to) => io.link(out(from), out(to)),
        });
      },
    },
  },
  'a refresh leaves the old variants': {
    finds: /a variant of another version/,
    scenario: {
      before: async (stage) => void (await stage.fill('/k', 'old')),
      actors: { fill: async (stage) => void (await stage.fill('/k', 'a1', { refresh: true })) },
      mutate: (io) =>
        replaced(io, {
          async unlink(path) {
            if (!path.endsWith('.gz')) await io.unlink(path);
          },
        }),
    },
  },
  'a purge deletes the body before its variants': {
    finds: /a variant without its body/,
    scenario: {
      before: async (stage) => void (await stage.fill('/k', 'old')),
      actors: {
        purge: (stage) =>
          stage.purgeBy(async () => {
            await stage.io.unlink('/t/k');
            await stage.io.unlink('/t/k.gz');
          }, isAny),
      },
    },
  },
  'a purge by pattern lets pages be moved': {
    finds: /which was purged/,
    scenario: {
      before: async (stage) => void (await stage.fill('/k', 'old')),
      actors: {
        fill: async (stage) => void (await stage.fill('/k/x', 'x1')),
        purge: (stage) => stage.purge({ glob: '/k' }, (page) => page.key === '/k'),
      },
      mutate: (io, name) =>
        name === 'purge'
          ? replaced(io, {
              mkdir: async (path, mode) => (path.endsWith('.purge') ? undefined : io.mkdir(path, mode)),
            })
          : io,
    },
  },
  'a body is written in place': {
    finds: /a torn body/,
    scenario: {
      actors: {
        fill: async ({ io, cache: _ }) => {
          const fd = await io.create('/t/k', 0o644);
          await io.write(fd, Buffer.from('/k a1;/k'), 0);
          await io.close(fd);
        },
      },
    },
  },
};

for (const [name, { finds, scenario }] of Object.entries(wrong)) {
  test(`the search finds what goes wrong when ${name}`, async () => {
    const { violation } = await explore(playOf({ ...scenario, tidy: false }), { milliseconds: 60_000 });
    expect(violation?.what).toMatch(finds);
  }, 70_000);
}
