/** Every test vector of the mapping, asked from the server and from the middleware over the same tree. */
import { lstat, mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createPageCache } from '@pagetree/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, type Wire } from '../../packages/middleware/test/support/wire.ts';
import { temporaryFolder } from '../support/tree.ts';
import { type Behind, startBehind } from './behind.ts';
import { type FrontEnd, type Kind, kinds, startServer } from './servers.ts';

type Verdict = { readonly place?: string; readonly reason?: string };
interface Vector extends Verdict {
  readonly target: string;
  readonly [layout: string]: unknown;
}
interface Vectors {
  readonly layouts: Readonly<
    Record<
      string,
      { readonly layout: 'mirror' | 'html' | 'index'; readonly trailingSlash?: 'always' | 'never' }
    >
  >;
  readonly groups: readonly {
    readonly group: string;
    readonly naming?: object;
    readonly vectors: readonly Vector[];
  }[];
}

const file = new URL('../../packages/core/test-vectors/paths.json', import.meta.url);
const vectors = JSON.parse(await readFile(file, 'utf8')) as Vectors;

/** One tree: how it names its files, and what is asked of it. */
interface Asked {
  readonly naming: Readonly<Record<string, string>>;
  readonly vectors: readonly Vector[];
}

/** Names that Windows does not have are names like any other in a tree that is not there. */
const isUsual = ({ naming }: Vectors['groups'][number]): boolean =>
  naming === undefined || 'windows' in naming;
const usual: Asked = {
  naming: {},
  vectors: vectors.groups.filter(isUsual).flatMap((group) => group.vectors),
};
const named = vectors.groups
  .filter((group) => !isUsual(group))
  .map((group): [string, Asked] => [
    group.group,
    { naming: group.naming as Asked['naming'], vectors: group.vectors },
  ]);
/** What clients put on a request line. A socket can send the rest too. */
const isOrdinary = (target: string): boolean => /^\/[\x21-\x7e\x80-\xff]*$/.test(target);
const targetsOf = ({ vectors }: Asked): string[] => [...new Set(vectors.map(({ target }) => target))];
const aged = new Date('2026-01-02T03:04:05Z');

/** Puts a file where nothing is in the way. Names that the disk can't have are left out. */
async function plant(cacheDir: string, path: string, text: string): Promise<void> {
  const whole = join(cacheDir, path);
  if (!whole.startsWith(`${cacheDir}/`) || path.startsWith('.pagetree/')) return;
  try {
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(whole, text, { flag: 'wx' });
    await utimes(whole, aged, aged);
  } catch {
    const facts = await lstat(whole).catch(() => undefined);
    if (facts?.isDirectory()) await plant(cacheDir, `${path}/__page.html`, text);
  }
}

/** A file for every place, and one wherever a careless server would look for a target that has none. */
async function plantAll(cacheDir: string, layout: string, asked: Asked): Promise<void> {
  const places = asked.vectors.flatMap((vector) => (vector[layout] as Verdict | undefined)?.place ?? []);
  // Deep ones first, so that those in the way of a folder go into it.
  for (const place of places.sort((a, b) => b.split('/').length - a.split('/').length)) {
    await plant(cacheDir, place, `page ${place}`);
  }
  for (const target of targetsOf(asked)) {
    const path = target.replace(/[?#].*$/s, '');
    const read = [path, Buffer.from(unescape(path), 'latin1').toString('utf8'), unescape(unescape(path))];
    for (const name of read) {
      const plain = name.replace(/\0.*$/s, '').replace(/^\/+|\/+$/g, '');
      if (plain !== '') await plant(cacheDir, plain, `trap ${plain}`);
      if (plain !== '' && layout === 'html') await plant(cacheDir, `${plain}.html`, `trap ${plain}.html`);
    }
  }
}

const compared = [
  'content-type',
  'etag',
  'last-modified',
  'cache-control',
  'vary',
  'content-length',
  'accept-ranges',
];

function essence({ status, headers, text }: Wire, names: readonly string[]): object {
  return { status, text, ...Object.fromEntries(names.map((name) => [name, headers[name]])) };
}

/**
 * What the patterns of a configuration leave to the middleware: signs that some file system folds, joiners, planes that few
 * use, question marks, and a page in a folder whose name says another type than HTML, which nobody but this test puts there.
 */
function isForNode(target: string): boolean {
  return (
    target === '/a.css' ||
    /%3F|%(?:C2|EF)%|%E2%(?:80|81|84|9D)%|%C4%B1|%E3%80%80|%EE%80%80|%F4|%F0%9[0D]/.test(target)
  );
}

/** Eight at a time. */
async function inTurns<Item>(items: readonly Item[], each: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  const work = async () => {
    for (const item of rest) await each(item);
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

const layouts = Object.entries(vectors.layouts);
const trees = [
  ...layouts.map(([layout, naming]) => [layout, layout, { ...usual, naming }] as const),
  // Two of the layouts: one that moves pages into folders, and one where a page is an index.
  ...layouts
    .filter(([layout]) => layout === 'mirror' || layout === 'index-never')
    .flatMap(([layout, naming]) =>
      named.map(
        ([group, asked]) =>
          [`${layout}, ${group}`, layout, { ...asked, naming: { ...naming, ...asked.naming } }] as const,
      ),
    ),
];

describe.each(trees)('layout %s', async (_, layout, asked) => {
  const folder = await temporaryFolder();
  const cacheDir = join(folder, 'cache');
  let behind: Behind;

  beforeAll(async () => {
    await createPageCache({ cacheDir, ...asked.naming }).close();
    await plantAll(cacheDir, layout, asked);
    behind = await startBehind({ cacheDir });
  });
  afterAll(() => behind?.stop());

  test.each(kinds)(
    'what $name answers from the tree, the middleware answers too; everything else goes to the application',
    async (kind) => {
      const upstream = `http://127.0.0.1:${behind.port}`;
      const front = await startServer(kind, cacheDir, join(folder, kind.name), ['--upstream', upstream]);
      try {
        await compareAll(kind, front, behind, targetsOf(asked));
      } finally {
        await front.stop();
      }
    },
  );
});

async function compareAll(
  kind: Kind,
  front: FrontEnd,
  behind: Behind,
  targets: readonly string[],
): Promise<void> {
  // Apache and Caddy have entity tags of other kinds, so they send none.
  const names = kind.name === 'nginx' ? compared : compared.filter((name) => name !== 'etag');
  const passed: string[] = [];
  let hits = 0;
  await inTurns(targets, async (target) => {
    const [node, got] = await Promise.all([ask(behind.port, target), ask(front.port, target)]);
    const isHit = node.headers['cache-status'] === 'pagetree; hit';
    const fromTree = got.headers['cache-status'] === `${kind.name}; hit`;
    expect(fromTree && !isHit, `${target}: ${got.text}`).toBe(false);
    if (isHit && fromTree) {
      expect(essence(got, names), target).toEqual(essence(node, names));
      hits += 1;
    } else if (!isOrdinary(target)) {
      // It is refused, or passed on as what the server makes of it: a page of the tree then comes from the middleware.
      if (got.statusLine.startsWith('HTTP/1.1') && /^(?:page|trap) /.test(got.text))
        expect(got.headers['cache-status'], target).toBe('pagetree; hit');
    } else if (isHit) {
      passed.push(target);
      // The middleware answers then.
      expect(essence(got, compared), target).toEqual(essence(node, compared));
    } else if (got.headers['cache-status'] === 'pagetree; hit') {
      // Caddy escapes what may not stand plain before it passes a target on.
      expect(kind.name, target).toBe('caddy');
    } else {
      expect(got.text, target).not.toMatch(/^(?:page|trap) /);
      // A server may refuse what no server takes. It never says more than that.
      if (![400, 403, 404, 414].includes(got.status) || got.headers['x-asked'])
        expect(got.text, target).toContain('the application was asked');
    }
  });
  expect(hits).toBeGreaterThan(Math.min(30, targets.length / 4));
  expect(passed.filter((target) => !isForNode(target) && !kind.leaves?.test(target))).toEqual([]);
}
