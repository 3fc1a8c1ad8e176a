/** Which cookies of a file go with which request: those that a browser would send (RFC 6265), and no others. */
import { writeFileSync } from 'node:fs';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readConnection } from '../src/config/connection.ts';
import { cookieHeader } from '../src/fetch/cookies.ts';
import { type Notice, type WarmOptions, warm } from '../src/index.ts';
import { cert, key } from './support/certificate.ts';
import { newFolder } from './support/folders.ts';
import { type Origin, startOrigin } from './support/origin.ts';

const file = join(newFolder(), 'cookies.txt');
const year = 365 * 86_400;
const now = Date.parse('2026-11-22T12:00:00Z');
const seconds = now / 1000;

function cookiesOf(...lines: string[]) {
  writeFileSync(file, `${lines.join('\n')}\n`);
  return readConnection({ cookieFile: file }, {}).cookies;
}

function line(more: Partial<Record<'domain' | 'flag' | 'path' | 'secure' | 'expires' | 'value', string>>) {
  const { domain = 'example.org', flag = 'FALSE', path = '/', secure = 'FALSE', expires = '0' } = more;
  return [domain, flag, path, secure, expires, 'sid', more.value ?? '1'].join('\t');
}

describe('a cookie of the Netscape format', () => {
  it.each<[string, Parameters<typeof line>[0], string, boolean]>([
    ['goes to its host', {}, 'http://example.org/', true],
    ['goes to its host at any port', {}, 'http://example.org:8080/', true],
    ['goes to its host however it is written', { domain: 'Example.ORG' }, 'http://EXAMPLE.org/', true],
    ['goes nowhere else', {}, 'http://example.com/', false],
    ['goes to no host below, unless it says so', {}, 'http://www.example.org/', false],
    ['goes to hosts below', { flag: 'TRUE' }, 'http://www.example.org/', true],
    [
      'goes to hosts below, with a dot in front',
      { domain: '.example.org', flag: 'TRUE' },
      'http://a.b.example.org/',
      true,
    ],
    [
      'goes to the domain itself as well',
      { domain: '.example.org', flag: 'TRUE' },
      'http://example.org/',
      true,
    ],
    ['goes to no host that only ends alike', { flag: 'TRUE' }, 'http://notexample.org/', false],
    ['goes to no host above', { domain: 'www.example.org', flag: 'TRUE' }, 'http://example.org/', false],
    ['has no hosts below an address', { domain: '0.0.1', flag: 'TRUE' }, 'http://127.0.0.1/', false],
    ['goes to an address', { domain: '127.0.0.1' }, 'http://127.0.0.1:3000/', true],
    ['goes to an address of IPv6', { domain: '::1' }, 'http://[::1]:3000/', true],
    ['goes to its path', { path: '/shop' }, 'http://example.org/shop', true],
    ['goes below its path', { path: '/shop' }, 'http://example.org/shop/a?b', true],
    ['goes to its path with a query', { path: '/shop' }, 'http://example.org/shop?/x', true],
    ['goes below a path with a slash', { path: '/shop/' }, 'http://example.org/shop/a', true],
    ['goes to no path that only begins alike', { path: '/shop' }, 'http://example.org/shopping', false],
    ['goes to no path above', { path: '/shop/' }, 'http://example.org/shop', false],
    ['goes to no path in a query', { path: '/shop' }, 'http://example.org/?/shop', false],
    ['goes by https', { secure: 'TRUE' }, 'https://example.org/', true],
    ['does not go by http if it is secure', { secure: 'TRUE' }, 'http://example.org/', false],
    ['goes until its end', { expires: String(seconds + 1) }, 'http://example.org/', true],
    ['does not go from its end on', { expires: String(seconds) }, 'http://example.org/', false],
    ['does not go years later', { expires: String(seconds - year) }, 'http://example.org/', false],
    ['may have no end', { expires: '' }, 'http://example.org/', true],
    ['may have a part of a second', { expires: `${seconds}.5` }, 'http://example.org/', true],
  ])('%s', (_, more, url, goes) => {
    const { host, protocol, pathname, search } = new URL(url);
    const request = { hosts: [host], secure: protocol === 'https:', target: pathname + search, now };
    expect(cookieHeader(cookiesOf(line(more)), request)).toBe(goes ? 'sid=1' : undefined);
    expect(cookieHeader(cookiesOf(`#HttpOnly_${line(more)}`), request)).toBe(goes ? 'sid=1' : undefined);
  });

  it('stands before others when its path is longer, else as in the file', () => {
    const cookies = cookiesOf(
      line({ value: 'root' }),
      'plain=1',
      line({ path: '/a', value: 'a' }),
      line({ path: '/a/b', value: 'b' }),
    );
    const request = { hosts: ['example.org'], secure: false, target: '/a/b/c', now };
    expect(cookieHeader(cookies, request)).toBe('sid=b; sid=a; sid=root; plain=1');
  });

  it.each([
    ['a flag', line({ flag: 'maybe' })],
    ['a domain', line({ domain: '' })],
    ['an end', line({ expires: 'tomorrow' })],
    ['a value', line({ value: 'a;b' })],
    ['a column', line({}).replace('\t/\t', '\t')],
  ])('is refused with %s that is none', (_, text) => {
    expect(() => cookiesOf('a=1', text)).toThrow(/^Line 2 of the cookie file .* is no cookie\.$/);
  });
});

describe('--cookie-file', () => {
  let origin: Origin;
  let cacheDir: string;
  let sent: Record<string, string | undefined>;
  let notices: Notice[];

  beforeAll(async () => {
    origin = await startOrigin();
  });
  afterAll(() => origin.close());
  beforeEach(() => {
    cacheDir = join(newFolder(), 'cache');
    sent = {};
    notices = [];
    for (const path of ['/', '/shop/a', '/moved', '/robots.txt']) {
      origin.routes[path] = (response, { headers }) => {
        sent[path] = headers.cookie;
        response.setHeader('content-type', path.endsWith('.txt') ? 'text/plain' : 'text/html');
        if (path === '/moved') response.writeHead(302, { location: '/shop/a' }).end();
        else response.end('a page');
      };
    }
  });
  const warmUrls = (urls: string[], more: Partial<WarmOptions>) =>
    warm({
      ...{ cacheDir, origin: origin.url, urls, variants: false, durability: 'none', cookieFile: file },
      onNotice: (notice) => notices.push(notice),
      ...more,
    });

  it('sends the site what is for it, under either of its names, path by path', async () => {
    cookiesOf(
      'plain=1',
      line({ domain: '127.0.0.1', value: 'address' }),
      line({ domain: 'example.org', flag: 'TRUE', path: '/shop', value: 'name' }),
      line({ domain: 'bank.example', flag: 'TRUE', value: 's3cret' }),
      line({ domain: '127.0.0.1', secure: 'TRUE', value: 's3cret' }),
      line({ domain: '127.0.0.1', expires: '1', value: 's3cret' }),
    );
    const more = { host: 'www.example.org', follow: true, crawl: true, header: ['Cookie: own=1'] };
    await warmUrls(['/', '/moved'], more);
    const everywhere = 'own=1; plain=1; sid=address';
    expect(sent).toEqual({
      '/': everywhere,
      '/moved': everywhere,
      '/robots.txt': everywhere,
      '/shop/a': 'own=1; sid=name; plain=1; sid=address',
    });
    expect(notices.filter(({ source }) => source === '--cookie-file')).toEqual([]);
  });

  it('says so when none of them is for the site', async () => {
    cookiesOf(line({ domain: 'bank.example' }), line({ domain: '127.0.0.1', expires: '1' }));
    await warmUrls(['/'], {});
    expect(sent).toEqual({ '/': undefined });
    const text = 'none of its 2 cookies is sent: they are for other sites, for https, or over';
    expect(notices).toEqual([{ source: '--cookie-file', text }]);
  });

  it('sends what is for https by https', async () => {
    let cookie: string | undefined;
    const server = createSecureServer({ key, cert }, ({ headers }, response) => {
      cookie = headers.cookie;
      response.setHeader('content-type', 'text/html').end('a page');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cookiesOf(line({ domain: 'localhost', secure: 'TRUE' }));
    const secure = `https://localhost:${(server.address() as AddressInfo).port}`;
    expect(await warmUrls(['/'], { origin: secure, insecure: true })).toMatchObject({ stored: 1 });
    expect(cookie).toBe('sid=1');
    server.closeAllConnections();
    server.close();
  });
});
