/** What attackers try, through each server: the clean request that follows gets the clean page, from the application and from the tree. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, request } from '../../packages/middleware/test/support/wire.ts';
import { bytes, fields, targets } from '../poisoning/attacks.ts';
import { cleanPage } from '../poisoning/site.ts';
import { temporaryFolder } from '../support/tree.ts';
import { type Behind, startBehind } from './behind.ts';
import { type FrontEnd, kinds, startServer } from './servers.ts';

/** What belongs to every request or to its framing, and what the servers say with each. */
const ordinary =
  /^(?:connection|content-length|trailer|accept-encoding|host|user-agent|via|x-forwarded-(?:for|server))$/;
const saidByServers: Readonly<Record<string, string>> = {
  'x-forwarded-host': 'site.test',
  'x-forwarded-proto': 'http',
};

/** Believes everything it is told, and puts it into its pages. */
const gullible: RequestListener = async (req, res) => {
  const told = Object.entries(req.headers)
    .filter(([name, value]) => !ordinary.test(name) && saidByServers[name] !== value)
    .map(([name, value]) => `${name}=${value}`);
  if (req.headers.host !== 'site.test') told.push(`host=${req.headers.host}`);
  const body = await text(req).catch(() => 'cut');
  res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
  res.end(`<p>${req.method} ${req.url} [${told.join('; ')}] ${body}</p>`);
};

/** A server may wait for more of what never comes; in milliseconds. */
const PATIENCE = 1000;

/** Everything that comes back for some bytes. */
async function send(port: number, sent: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    heard += chunk;
  });
  socket.on('error', () => {});
  socket.setTimeout(PATIENCE, () => socket.destroy());
  socket.write(sent, 'latin1');
  await once(socket, 'close');
  return heard;
}

/** Behind what may leave a request open, one that ends the connection. */
const last = 'POST /last HTTP/1.1\r\nHost: site.test\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

type Attack = (path: string) => string;
const groups: Readonly<Record<string, readonly (readonly [name: string, attack: Attack])[]>> = {
  'fields that make applications answer something else': Object.entries(fields).map(([name, told]) => {
    const lines = Object.entries(told).map((field) => field.join(': '));
    return [name, (path) => request(path, [...lines, 'Connection: close'])] as const;
  }),
  'paths that are spelt in another way': targets.map((spell) => {
    return [spell('/page').slice(0, 60), (path) => request(spell(path), ['Connection: close'])] as const;
  }),
  'bytes that servers read in more than one way': Object.entries(bytes).map(([name, write]) => {
    return [name, (path) => `${write(path)}${last}`] as const;
  }),
};

const pagesIn = (heard: string): string[] => heard.match(/<p>.*?<\/p>/gs) ?? [];

describe.each(kinds)('$name', async (kind) => {
  const folder = await temporaryFolder();
  const cacheDir = join(folder, 'cache');
  let behind: Behind;
  let front: FrontEnd;

  beforeAll(async () => {
    // Without `hosts` any one host is trusted, and a target that names another one is as true as a Host that does.
    const rules = { hosts: ['site.test'] };
    const config = join(folder, 'pagetree.config.json');
    await writeFile(config, JSON.stringify(rules));
    behind = await startBehind({ cacheDir, variants: false, durability: 'none', ...rules }, gullible);
    const options = ['--upstream', `http://127.0.0.1:${behind.port}`, '--config', config];
    front = await startServer(kind, cacheDir, join(folder, 'server'), options);
  });
  afterAll(async () => {
    await front?.stop();
    await behind?.stop();
  });

  /** What is wrong after an attack on a page of its own; nothing when all is well. */
  async function harm(attack: Attack, path: string): Promise<unknown[]> {
    const harms: unknown[] = [];
    const look = async (when: string): Promise<boolean> => {
      const got = await ask(front.port, path);
      if (got.text !== cleanPage(path)) harms.push([when, got.text]);
      return got.headers['cache-status'] === `${kind.name}; hit`;
    };
    const first = await send(front.port, attack(path));
    let isHit = await look('after the attack');
    for (let tries = 0; !isHit && tries < 300; tries += 1) {
      // The page is on its way into the tree, or there was no time for it: the cache looks every 50 ms whether there is.
      await new Promise((resolve) => setTimeout(resolve, 30));
      isHit = await look('while it is stored');
    }
    if (!isHit) harms.push(['the clean page is not stored']);
    // The page is no secret; anything else must be what the application said to the attacker before.
    const allowed = new Set([...pagesIn(first), cleanPage(path)]);
    const strange = pagesIn(await send(front.port, attack(path))).filter((page) => !allowed.has(page));
    if (strange.length > 0) harms.push(['the attacker is shown', strange]);
    if (!(await look('after the attack on a stored page'))) harms.push(['the page is gone']);
    return harms;
  }

  test('the application says what it was told, and the servers add nothing to that', async () => {
    expect((await ask(front.port, '/told?')).text).toBe(cleanPage('/told?'));
    expect((await ask(front.port, '/told?', ['X-Evil: yes'])).text).toContain('[x-evil=yes]');
  });

  test.each(Object.entries(groups))(
    '%s',
    async (group, attacks) => {
      const found: Record<string, unknown> = {};
      const rest = attacks.entries();
      const work = async (): Promise<void> => {
        for (const [at, [name, attack]] of rest) {
          const harms = await harm(attack, `/${group.split(' ', 1)[0]}-${at}`);
          if (harms.length > 0) found[name] = harms;
        }
      };
      await Promise.all(Array.from({ length: 8 }, work));
      expect(found).toEqual({});
    },
    60_000,
  );
});
