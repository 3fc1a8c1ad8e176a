/** A hit from Node and the same page from a real nginx: status, body and the fields that matter are the same. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type CachedListener, withPageCache } from '@pagetree/middleware';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { type FrontEnd, hasProgram, startNginx } from '../support/nginx.ts';
import { temporaryFolder } from '../support/tree.ts';
import { type Compared, compare, type Validators } from './compare.ts';
import { type Asked, combinations, pages, table } from './corpus.ts';
import { differences } from './differences.ts';

const HIT = 'pagetree; hit';

describe.runIf(hasProgram('nginx', '-v'))('a hit', async () => {
  const folder = await temporaryFolder();
  const cacheDir = join(folder, 'cache');
  let site: CachedListener;
  let server: Server;
  let nginx: FrontEnd;
  const ports = { nginx: 0, node: 0 };
  const validators = new Map<string, Validators>();
  const needed = new Set<string>();

  beforeAll(async () => {
    // Debian's nginx has no brotli: both have the same variants.
    site = withPageCache({ cacheDir, durability: 'none', variants: ['gzip'] }, (req, res) => {
      const page = pages[req.url!];
      if (page) res.writeHead(200, { 'Content-Type': page.type }).end(page.body);
      else res.writeHead(404).end('no page');
    });
    server = createServer(site).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.node = (server.address() as AddressInfo).port;
    nginx = await startNginx({
      configuration: new URL('./', import.meta.url),
      root: cacheDir,
      upstream: ports.node,
      temp: join(folder, 'nginx'),
    });
    ports.nginx = Number(new URL(nginx.origin).port);
    const origin = `http://127.0.0.1:${ports.node}`;
    for (const page of Object.keys(pages)) {
      while ((await ask(origin, page)).cacheStatus !== HIT) await new Promise((next) => setTimeout(next, 20));
      const { headers } = await ask(origin, page);
      const gzip = await ask(origin, page, { headers: { 'accept-encoding': 'gzip' } });
      validators.set(page, {
        etag: headers.etag!,
        gzip: gzip.headers.etag!,
        modified: headers['last-modified']!,
      });
    }
  });

  afterAll(async () => {
    await nginx?.stop();
    server?.closeAllConnections();
    server?.close();
    await site?.close();
  });

  /** What differs, and is in no entry of the table. */
  async function unexplained(all: readonly Asked[]): Promise<unknown[]> {
    const found: unknown[] = [];
    for (let at = 0; at < all.length; at += 16) {
      const some = all.slice(at, at + 16);
      const compared = await Promise.all(
        some.map((asked) => compare(asked, ports, validators.get(asked.page)!)),
      );
      for (const one of compared) {
        expect(one.node.headers['cache-status']).toBe(HIT);
        const left = explain(one);
        if (left.length > 0) found.push(shown(one, left));
      }
    }
    return found;
  }

  /** The aspects that no entry explains. */
  function explain(compared: Compared): readonly string[] {
    let left: readonly string[] = compared.aspects;
    for (const [name, { aspects, when }] of Object.entries(differences)) {
      if (!left.some((aspect) => (aspects as readonly string[]).includes(aspect)) || !when(compared))
        continue;
      needed.add(name);
      left = left.filter((aspect) => !(aspects as readonly string[]).includes(aspect));
    }
    return left;
  }

  it('answers each kind of request as nginx does', async () => {
    expect(table.length).toBeGreaterThan(900);
    expect(await unexplained(table)).toEqual([]);
  });

  it('answers combinations of them as nginx does', async () => {
    expect(await unexplained(combinations(1500))).toEqual([]);
  });

  it('differs in nothing that is listed without need', () => {
    expect(Object.keys(differences).filter((name) => !needed.has(name))).toEqual([]);
  });

  it('differs for a reason', () => {
    for (const { because } of Object.values(differences)) expect(because.length).toBeGreaterThan(20);
  });
});

/** A difference, as a person wants to see it. */
function shown({ asked, nginx, node }: Compared, aspects: readonly string[]): unknown {
  const of = (wire: Compared['node']): unknown =>
    aspects.map((aspect) => {
      if (aspect === 'status') return wire.status;
      return aspect === 'body' ? wire.text.slice(0, 100) : wire.headers[aspect];
    });
  const { page, method, version, fields } = asked;
  return {
    asked: [method, page, version, ...fields.map((field) => field.join(': '))].join(' | '),
    aspects,
    nginx: of(nginx),
    node: of(node),
  };
}
