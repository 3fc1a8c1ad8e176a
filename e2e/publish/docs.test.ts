/** docs/publish.md: its commands do what it says. */
import { realpathSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandsOf, print } from '../examples/readme.ts';
import { binOf, cacheWarm } from '../support/processes.ts';
import { temporaryFolder } from '../support/tree.ts';

const folder = realpathSync(await temporaryFolder());
const paths = ['/', '/about', '/blog', '/blog/one', '/blog/two'];
const servers: Server[] = [];

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const html = { 'content-type': 'text/html; charset=utf-8' };
let site: string;
let front: string;

beforeAll(async () => {
  site = await listen(({ url }, response) => {
    const body = `<!doctype html><title>${url}</title>`.padEnd(2000);
    response.writeHead(200, { ...html, 'content-length': body.length }).end(body);
  });
  front = await listen(async ({ url = '' }, response) => {
    const files = [`${url}__index.html`, `${url}/__page.html`, url];
    for (const file of files) {
      const body = await readFile(join(folder, 'cache', file)).catch(() => undefined);
      if (body !== undefined) return response.writeHead(200, html).end(body);
    }
    return response.writeHead(404).end();
  });
  await mkdir(join(folder, 'bin'));
  for (const name of ['cache-warm', 'pagetree'] as const)
    await symlink(binOf(name), join(folder, 'bin', name));
  await writeFile(join(folder, 'urls.txt'), `${paths.join('\n')}\n`);
  const old = ['urls.txt', '--cache-dir', 'old', '--origin', site, '--quiet'];
  expect((await cacheWarm(old, { cwd: folder })).code).toBe(0);
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

test('docs/publish.md does what it says', async () => {
  const commands = await commandsOf(join(import.meta.dirname, '../../docs/publish.md'));
  expect(commands).toHaveLength(11);
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
  const here = (text: string) =>
    text
      .replaceAll('http://127.0.0.1:3000', site)
      .replaceAll('http://127.0.0.1:8080', front)
      .replaceAll('/srv/site', folder);
  for (const { command, prints } of commands) {
    const said = await print(here(command), folder, env);
    const lines = said.split('\n').filter((line) => !/^The server does not use the \w+ variants/.test(line));
    expect({ command, said: lines.join('\n') }).toEqual({ command, said: here(prints) });
  }
}, 60_000);
