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
/** Other names need another tree, and a tree on Windows another system. */
const groups = vectors.groups.filter(({ naming }) => naming === undefined);
const targets = [...new Set(groups.flatMap((group) => group.vectors.map(({ target }) => target)))];
/** What can be on a request line at all. */
const sendable = targets.filter((target) => /^\/[\x21-\x7e\x80-\xff]*$/.test(target));
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
async function plantAll(cacheDir: string, layout: string): Promise<void> {
  const places = groups
    .flatMap((group) => group.vectors)
    .flatMap((vector) => (vector[layout] as Verdict | undefined)?.place ?? []);
  // Deep ones first, so that those in the way of a folder go into it.
  for (const place of places.sort((a, b) => b.split('/').length - a.split('/').length)) {
    await plant(cacheDir, place, `page ${place}`);
  }
  for (const target of sendable) {
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

describe.each(Object.keys(vectors.layouts))('layout %s', async (layout) => {
  const folder = await temporaryFolder();
  const cacheDir = join(folder, 'cache');
  let behind: Behind;

  beforeAll(async () => {
    const { directoryIndex: _, ...naming } = vectors.layouts[layout] as Record<string, string>;
    await createPageCache({ cacheDir, ...naming }).close();
    await plantAll(cacheDir, layout);
    behind = await startBehind({ cacheDir });
  });
  afterAll(() => behind?.stop());

  test.each(kinds)(
    'what $name answers from the tree, the middleware answers too; everything else goes to the application',
    async (kind) => {
      const upstream = `http://127.0.0.1:${behind.port}`;
      const front = await startServer(kind, cacheDir, join(folder, kind.name), ['--upstream', upstream]);
      try {
        await compareAll(kind, front, behind);
      } finally {
        await front.stop();
      }
    },
  );
});

async function compareAll(kind: Kind, front: FrontEnd, behind: Behind): Promise<void> {
  // Apache and Caddy have entity tags of other kinds, so they send none.
  const names = kind.name === 'nginx' ? compared : compared.filter((name) => name !== 'etag');
  const passed: string[] = [];
  let hits = 0;
  await inTurns(sendable, async (target) => {
    const [node, got] = await Promise.all([ask(behind.port, target), ask(front.port, target)]);
    const isHit = node.headers['cache-status'] === 'pagetree; hit';
    const fromTree = got.headers['cache-status'] === `${kind.name}; hit`;
    expect(fromTree && !isHit, `${target}: ${got.text}`).toBe(false);
    if (isHit && fromTree) {
      expect(essence(got, names), target).toEqual(essence(node, names));
      hits += 1;
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
  expect(hits).toBeGreaterThan(30);
  expect(passed.filter((target) => !isForNode(target) && !kind.leaves?.test(target))).toEqual([]);
}
