/** docs/cdn.md: its commands, with a site and the purge address of a CDN on this machine. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasProgram } from '../support/nginx.ts';
import { type Site, startSite } from '../support/processes.ts';
import { temporaryFolder } from '../support/tree.ts';
import { blocksOf, commandsOf, programsIn, replaced, runShell } from './blocks.ts';

const ready = hasProgram('jq', '--version') && hasProgram('curl', '--version');

describe.runIf(ready)('docs/cdn.md', async () => {
  const folder = await temporaryFolder();
  const told: { method: string; url: string; token: string | undefined; body: string }[] = [];
  let cdn: Server;
  /** With the middleware, and without: what a hit says is for clients, not for another tree. */
  let site: Site;
  let plain: Site;
  let env: Record<string, string>;
  let names: Record<string, string>;

  beforeAll(async () => {
    site = await startSite({ cacheDir: join(folder, 'site') });
    plain = await startSite();
    cdn = createServer(async (req, res) => {
      const { method, url, headers } = req;
      told.push({ method: method!, url: url!, token: headers.authorization, body: await text(req) });
      res.end('{}');
    }).listen(0, '127.0.0.1');
    await once(cdn, 'listening');
    const address = `http://127.0.0.1:${(cdn.address() as AddressInfo).port}`;
    const path = await programsIn(join(folder, 'bin'));
    env = { PATH: `${path}:${process.env.PATH}`, CDN_PURGE_URL: `${address}/purge`, CDN_TOKEN: 'token' };
    names = { 'https://www.example.org': address };
    for (const { language, file, content } of await blocksOf('cdn.md')) {
      if (language !== 'sh') await writeFile(join(folder, file!), content);
    }
    const paths = ['/', '/style.css', '/api/'];
    await writeFile(join(folder, 'urls.txt'), paths.join('\n'));
    // The page is stored behind the answer that shows it.
    for (let tries = 0; (await site.ask('/')).cacheStatus !== 'pagetree; hit'; tries += 1) {
      expect(tries).toBeLessThan(100);
      await sleep(20);
    }
  });
  afterAll(async () => {
    await site?.stop();
    await plain?.stop();
    cdn?.closeAllConnections();
    cdn?.close();
  });

  test('the commands do what the page says', async () => {
    const commands = await commandsOf('cdn.md');
    expect(commands).toHaveLength(4);
    const run = (at: number) => {
      const origin = at === 0 ? site.origin : plain.origin;
      return runShell(replaced(commands[at]!, { ...names, 'http://127.0.0.1:3000': origin }), folder, env);
    };
    expect(await run(0)).toMatch(/^cache-control: no-cache\r?\n304\n$/i);
    expect(await run(1)).toContain('cache-control: public, max-age=0, s-maxage=86400');
    await run(2);
    const address = names['https://www.example.org'];
    expect(told.splice(0)).toEqual([
      {
        method: 'POST',
        url: '/purge',
        token: 'Bearer token',
        body: JSON.stringify({ files: [`${address}/api/`] }),
      },
    ]);
    await run(3);
    // Only what was purged a moment ago is new; the other pages are the same.
    expect(told).toEqual([{ method: 'PURGE', url: '/api/', token: 'Bearer token', body: '' }]);
  }, 120_000);
});
