/** What a site says of what it was shown is told without it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { warm } from '../../src/index.ts';
import { Secrets } from '../../src/report/secrets.ts';
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

const secret = 'eyJhbGciOi-secret';

it.each([
  `Authorization: token ${secret}`,
  `Authorization: ApiKey ${secret}`,
  `Authorization: Token token="${secret}", nonce="12"`,
  `X-Forwarded-Access-Token: ${secret}`,
  `X-Forwarded-User: ${secret}`,
])('takes apart what proves who a run is: %s', async (header) => {
  origin.routes['/to'] = (response) => response.writeHead(302, { location: `/login?t=${secret}` }).end();
  const details: (string | undefined)[] = [];
  await warm({
    ...{ cacheDir: join(newFolder(), 'cache'), origin: origin.url, urls: ['/to'], header: [header] },
    onResult: ({ detail }) => details.push(detail),
  });
  expect(details).toEqual(['302 to /login?t=…']);
});

it('knows the scheme of proxy credentials, and leaves words of other fields alone', () => {
  const hide = (headers: Record<string, string>, text: string) =>
    new Secrets({ headers, cookies: [] }).hide(text);
  expect(hide({ 'proxy-authorization': `Custom ${secret}` }, `a ${secret} b`)).toBe('a … b');
  expect(hide({ 'x-preview': 'preview of everything' }, 'of everything')).toBe('of everything');
  expect(hide({ 'x-forwarded-proto': 'https-forwarded' }, 'https-forwarded')).toBe('https-forwarded');
  const long = new Secrets({ headers: { 'x-site': 'www.site.example' }, cookies: [] });
  expect(long.hideInUrl('http://www.site.example/www.site.example?a')).toBe('http://www.site.example/…?a');
  const short = new Secrets({ headers: { 'x-environment': 'staging' }, cookies: [] });
  expect(short.hideInUrl('http://a/staging/b')).toBe('http://a/staging/b');
});

it('tells of URLs, files and sources without them, and lists URLs that failed as they can be asked for', async () => {
  const cwd = newFolder();
  const page = `/page/${secret}`;
  const lost = `/lost?key=${secret}`;
  origin.routes[page] = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('page');
  origin.routes[lost] = (response) => response.writeHead(404).end();
  const urls = [page, lost].map((path) => `<url><loc>${origin.url}${path}</loc></url>`).join('');
  const list = `/sitemap.xml?key=${secret}`;
  origin.routes[list] = (response) =>
    response.writeHead(200, { 'content-type': 'application/xml' }).end(`<urlset>${urls}</urlset>`);
  origin.routes['/index.xml'] = (response) =>
    response
      .writeHead(200, { 'content-type': 'application/xml' })
      .end(`<sitemapindex><sitemap><loc>${origin.url}${list}</loc></sitemap></sitemapindex>`);
  const names = ['r.json', 'r.ndjson', 'r.html', 'r.xml'].flatMap((name) => ['--report', name]);
  const args = [`${origin.url}/index.xml`, '--cache-dir', 'cache', '--verbose', '--json', ...names];
  const files = ['--changes', 'changes', '--failed', 'failed', '--header', `Authorization: Bearer ${secret}`];
  const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(cwd, 'step') };
  const ran = await run('cache-warm', [...args, ...files], { cwd, env });
  expect(ran.code).toBe(3);
  expect([ran.stdout, ran.stderr].filter((text) => text.includes(secret))).toEqual([]);
  for (const name of ['r.json', 'r.ndjson', 'r.html', 'r.xml', 'step'])
    expect([name, readFileSync(join(cwd, name), 'utf8')]).toEqual([
      name,
      expect.not.stringContaining(secret),
    ]);
  expect(ran.stderr).toContain(`${origin.url}/page/…`);
  expect(JSON.parse(readFileSync(join(cwd, 'changes'), 'utf8'))).toEqual({
    ...{ change: 'new', url: `${origin.url}${page}`, place: page.slice(1) },
  });
  expect(readFileSync(join(cwd, 'failed'), 'utf8')).toBe(`${origin.url}${lost}\n`);
  // The mistake that a site is found in names what the site has said.
  origin.routes['/index.xml'] = (response) =>
    response.writeHead(302, { location: `/else?key=${secret}` }).end();
  const again = await run('cache-warm', [...args, ...files], { cwd });
  expect([again.stdout, again.stderr].filter((text) => text.includes(secret))).toEqual([]);
});
