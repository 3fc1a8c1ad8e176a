/** The requests that hits are compared with nginx by, asked from each generated configuration and from the middleware over one tree. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../../packages/middleware/test/support/wire.ts';
import { type Compared, compare, type Validators } from '../hits-like-nginx/compare.ts';
import { combinations, pages, table } from '../hits-like-nginx/corpus.ts';
import { temporaryFolder } from '../support/tree.ts';
import { type Behind, startBehind } from './behind.ts';
import { differences } from './differences.ts';
import { plantTree } from './planted.ts';
import { type FrontEnd, kinds, startServer } from './servers.ts';

/** Each value of each field once, and combinations by chance: three servers are asked. */
const corpus = [
  ...table.filter(({ page, fields }) => page === '/page' || fields.length === 0),
  ...combinations(150),
];

describe.each(kinds)('$name', async (kind) => {
  const folder = await temporaryFolder();
  const cacheDir = join(folder, 'cache');
  const validators = new Map<string, Validators>();
  let behind: Behind;
  let front: FrontEnd;

  beforeAll(async () => {
    const files = Object.entries(pages).map(([path, { body }]) => {
      return [path.slice(1), { text: body, variants: path !== '/tiny' }] as const;
    });
    await plantTree(cacheDir, {}, Object.fromEntries(files));
    behind = await startBehind({ cacheDir });
    const upstream = `http://127.0.0.1:${behind.port}`;
    front = await startServer(kind, cacheDir, join(folder, 'server'), ['--upstream', upstream]);
    for (const page of Object.keys(pages)) {
      const { headers } = await ask(behind.port, page);
      const gzip = await ask(behind.port, page, ['Accept-Encoding: gzip']);
      validators.set(page, {
        etag: headers.etag!,
        gzip: gzip.headers.etag!,
        modified: headers['last-modified']!,
      });
    }
  });
  afterAll(async () => {
    await front?.stop();
    await behind?.stop();
  });

  test('answers as the middleware does, but for what is listed with its reason, and nothing is listed without need', async () => {
    const ports = { nginx: front.port, node: behind.port };
    const needed = new Set<string>();
    const unexplained: unknown[] = [];
    let hits = 0;
    for (let at = 0; at < corpus.length; at += 16) {
      const some = corpus.slice(at, at + 16);
      const all = await Promise.all(some.map((asked) => compare(asked, ports, validators.get(asked.page)!)));
      for (const one of all) {
        expect(one.node.headers['cache-status']).toBe('pagetree; hit');
        if (one.nginx.headers['cache-status'] === `${kind.name}; hit`) hits += 1;
        const left = explain(one, needed);
        if (left.length > 0) unexplained.push(shown(one, left));
      }
    }
    expect(unexplained).toEqual([]);
    expect(Object.keys(differences[kind.name]).filter((name) => !needed.has(name))).toEqual([]);
    // Conditions with a tag, and what Apache and Caddy leave to the middleware, are not from the tree.
    expect(hits).toBeGreaterThan(corpus.length / 5);
  }, 60_000);

  /** The aspects that no entry explains. */
  function explain(one: Compared, needed: Set<string>): readonly string[] {
    let left: readonly string[] = one.aspects;
    for (const [name, { aspects, when }] of Object.entries(differences[kind.name])) {
      const others = left.filter((aspect) => !(aspects as readonly string[]).includes(aspect));
      if (others.length === left.length || !when(one)) continue;
      needed.add(name);
      left = others;
    }
    return left;
  }
});

test('each difference has a reason', () => {
  for (const { because } of Object.values(differences).flatMap((all) => Object.values(all)))
    expect(because.length).toBeGreaterThan(20);
});

/** A difference, as a person wants to see it. */
function shown({ asked, nginx, node }: Compared, aspects: readonly string[]): unknown {
  const of = (wire: Compared['node']): unknown =>
    aspects.map((aspect) => {
      if (aspect === 'status') return wire.status;
      return aspect === 'body' ? wire.text.slice(0, 60) : wire.headers[aspect];
    });
  const { page, method, version, fields } = asked;
  return {
    asked: [method, page, version, ...fields.map((field) => field.join(': '))].join(' | '),
    aspects,
    front: of(nginx),
    by: nginx.headers['cache-status'],
    node: of(node),
  };
}
