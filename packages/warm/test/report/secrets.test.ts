/** What a site says of what it was shown is told without it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';
import { type Origin, startOrigin } from '../support/origin.ts';

let origin: Origin;
beforeAll(async () => {
  origin = await startOrigin();
});
afterAll(() => origin.close());

it('no output has the values of header fields and cookies, the password or the token, where a site repeats them', async () => {
  const cwd = newFolder();
  writeFileSync(join(cwd, 'headers'), 'X-Preview: key/of preview\nAccept-Language: de-Latn\n');
  writeFileSync(join(cwd, 'cookies'), 'session=cookie-secret\ntheme=dark\n');
  writeFileSync(join(cwd, 'password'), 'pass word');
  let shown: NodeJS.Dict<string | string[]> = {};
  origin.routes['/to'] = (response, request) => {
    shown = request.headers;
    const all = new URLSearchParams(shown as Record<string, string>);
    response.writeHead(302, { location: `/login?${all}` }).end();
  };
  origin.routes['/vary'] = (response, request) => {
    const { 'x-preview': preview, authorization } = request.headers;
    const password = Buffer.from(authorization!.slice(6), 'base64').toString().slice(3);
    response.writeHead(200, { 'content-type': 'text/html', vary: `${preview} ${password}` }).end('page');
  };
  const files = ['--header-file', 'headers', '--cookie-file', 'cookies', '--password-file', 'password'];
  const reports = ['--report', 'r.json', '--report', 'r.html', '--report', 'r.xml', '--failed', 'failed'];
  const args = ['/to', '/vary', '--cache-dir', 'cache', '--origin', origin.url, '--user', 'me'];
  const ran = await run('cache-warm', [...args, ...files, ...reports, '--verbose'], { cwd });
  expect([ran.code, ran.stderr]).toEqual([3, expect.any(String)]);
  const token = readFileSync(join(cwd, 'cache/.pagetree/token'), 'utf8').trim();
  expect(shown).toMatchObject({ 'x-preview': 'key/of preview', 'pagetree-token': token });
  const said = [ran.stdout, ran.stderr];
  for (const name of ['r.json', 'r.html', 'r.xml', 'failed'])
    said.push(readFileSync(join(cwd, name), 'utf8'));
  const secrets = ['key/of preview', 'cookie-secret', 'pass word', token];
  const basic = Buffer.from('me:pass word').toString('base64');
  for (const secret of [...secrets, basic]) {
    for (const form of [secret, encodeURIComponent(secret), secret.replaceAll(' ', '+')])
      expect(said.filter((text) => text.includes(form)).map((text) => text.slice(0, 200))).toEqual([]);
  }
  expect(ran.stderr).toContain('redirect (302 to /login?');
  // What everybody knows stays readable.
  expect(ran.stderr).toContain('de-Latn');
});
