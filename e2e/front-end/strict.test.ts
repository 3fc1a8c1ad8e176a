/** Pages with headers of their own in a strict tree: no server has them, and behind each of them they are hits with all they said. */
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../../packages/middleware/test/support/wire.ts';
import { binOf, runNode } from '../support/processes.ts';
import { temporaryFolder } from '../support/tree.ts';
import { type Behind, startBehind } from './behind.ts';
import { type FrontEnd, kinds, startServer } from './servers.ts';

const html = 'text/html; charset=utf-8';

/** What pages say beside their type. */
const own: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/policy': { 'Content-Security-Policy': "default-src 'self'; script-src 'sha256-abc'" },
  '/linked': { Link: '</style.css>; rel=preload; as=style, </next>; rel=next' },
  '/shared.json': { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'X-Total' },
  '/kept/': { 'Cache-Control': 'public, max-age=60' },
  '/all': {
    'Content-Security-Policy': "frame-ancestors 'none'",
    Link: '<https://site.test/all>; rel=canonical',
    'Content-Language': 'de',
    'Access-Control-Allow-Origin': '*',
  },
};
const plain = ['/', '/plain', '/style.css'];
const paths = [...plain, ...Object.keys(own)];
const types: Readonly<Record<string, string>> = { css: 'text/css; charset=utf-8', json: 'application/json' };

const application: RequestListener = (req, res) => {
  if (!paths.includes(req.url!)) {
    res.writeHead(404, { 'Content-Type': html, 'Cache-Control': 'no-store' }).end('no page');
    return;
  }
  const type = types[/\.(\w+)$/.exec(req.url!)?.[1] ?? ''] ?? html;
  res.writeHead(200, { 'Content-Type': type, ...own[req.url!] }).end(`"the page ${req.url}"`);
};

describe.each(kinds)('$name', async (kind) => {
  const folder = await temporaryFolder();
  const cacheDir = join(folder, 'cache');
  let behind: Behind;
  let front: FrontEnd;
  let origin: string;

  beforeAll(async () => {
    behind = await startBehind({ cacheDir, fidelity: 'strict', durability: 'none' }, application);
    origin = `http://127.0.0.1:${behind.port}`;
    front = await startServer(kind, cacheDir, join(folder, 'server'), ['--upstream', origin]);
    for (const path of paths) {
      const isStored = async (): Promise<boolean> =>
        (await ask(front.port, path)).headers['cache-status']?.endsWith('; hit') ?? false;
      while (!(await isStored())) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  afterAll(async () => {
    await front?.stop();
    await behind?.stop();
  });

  test.each(plain)('%s has no headers of its own, and is answered from the tree', async (path) => {
    const { headers, text } = await ask(front.port, path);
    expect([headers['cache-status'], text]).toEqual([`${kind.name}; hit`, `"the page ${path}"`]);
  });

  test.each(Object.entries(own))('%s is a hit behind the server, with all it said', async (path, said) => {
    for (const fields of [[], ['Accept-Encoding: gzip'], ['Cookie: _ga=1']]) {
      const got = await ask(front.port, path, fields);
      expect(got.headers['cache-status']).toBe('pagetree; hit');
      for (const [name, value] of Object.entries(said))
        expect(got.headers[name.toLowerCase()], name).toBe(value);
    }
    expect((await ask(front.port, path)).text).toBe(`"the page ${path}"`);
    const { headers } = await ask(front.port, path, [], 'HEAD');
    for (const [name, value] of Object.entries(said)) expect(headers[name.toLowerCase()]).toBe(value);
  });

  test('pagetree check is content', async () => {
    const server = `http://127.0.0.1:${front.port}`;
    const args = ['check', server, '--cache-dir', cacheDir, '--origin', origin];
    const { code, stdout, stderr } = await runNode(binOf('pagetree'), args);
    expect([code, stderr], stdout).toEqual([0, '']);
    expect(stdout).toMatch(/^\d+ questions, 8 stored pages: the same as the middleware\.\n/);
  });
});
