/** `Cache-Status` names the exact rule, on every response. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { appendMember, cacheStatus } from '../src/cache-status.ts';
import { plain, type SiteOptions, site } from './support/site.ts';
import { Line, parse, request } from './support/wire.ts';

const head = { 'Content-Type': 'text/html; charset=utf-8' };
const bypass = (reason: string) => `pagetree; fwd=bypass; detail=${reason}`;
const miss = (reason: string) => `pagetree; fwd=uri-miss; detail=${reason}`;

describe('a request that passes', () => {
  const rules: Record<string, [target: string, fields: string[], options?: SiteOptions]> = {
    query: ['/a?b=1', []],
    fragment: ['/a#b', []],
    'bad-escape': ['/a%zz', []],
    'bad-utf8': ['/a%ff', []],
    'encoded-slash': ['/a%2Fb', []],
    backslash: ['/a%5Cb', []],
    'empty-segment': ['//a', []],
    'dot-segment': ['/a/../b', []],
    'hidden-segment': ['/.env', []],
    'reserved-name': ['/a/__index.html', []],
    'executable-name': ['/a.php', []],
    'name-too-long': [`/${'a'.repeat(300)}`, []],
    'control-byte': ['/a%00', []],
    'double-escape': ['/a%2541', []],
    'odd-spelling': ['/%7Euser', []],
    authorization: ['/a', ['Authorization: Basic YTpi']],
    'request-body': ['/a', ['Content-Length: 1', '', 'x']],
    host: ['/a', ['Host: other.test'], { hosts: ['site.test'] }],
    'forwarded-host': ['/a', ['X-Forwarded-Host: other.test']],
    'routing-header': ['/a', ['X-Original-URL: /admin']],
    accept: ['/a', ['Accept: application/json']],
    'connection-header': ['/a', ['Connection: close, Cookie']],
    cookie: ['/a', ['Cookie: session=1']],
    'outside-cache-paths': ['/a', [], { cachePaths: ['/blog'] }],
    'excluded-path': ['/a/b', [], { excludePaths: ['/a'] }],
    upgrade: ['/a', ['Connection: upgrade', 'Upgrade: h2c']],
  };
  for (const [reason, [target, fields, options]] of Object.entries(rules)) {
    it(reason, async () => {
      const made = await site(
        plain((_, res) => res.writeHead(200, head).end('application')),
        options,
      );
      const line = new Line(made.port);
      line.send(`${request(target, fields).replace(/(\r\n\r\nx)\r\n\r\n$/, '$1')}`);
      const answer = parse(Buffer.from(await line.until('application')));
      line.leave();
      expect(answer.headers['cache-status']).toBe(bypass(reason));
      expect(await made.files()).toEqual([]);
    });
  }

  it('target-form', async () => {
    const made = await site(plain((_, res) => res.writeHead(200, head).end('application')));
    for (const target of ['http://site.test/a', '*']) {
      const answer = await made.ask(target, [], target === '*' ? 'OPTIONS' : 'GET');
      expect(answer.headers['cache-status']).toBe(bypass('target-form'));
    }
  });

  it('method has a name of its own', async () => {
    const made = await site(plain((_, res) => res.writeHead(200, head).end('application')));
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      expect((await made.ask('/a', ['Content-Length: 0'], method)).headers['cache-status']).toBe(
        'pagetree; fwd=method',
      );
    }
  });

  it('warmer, with the token of the tree and with no other', async () => {
    const made = await site(plain((_, res) => res.writeHead(200, head).end('application')));
    await made.fill('/a');
    const token = made.pages.cache.token!;
    expect((await made.ask('/a', [`Pagetree-Token: ${token}`])).headers['cache-status']).toBe(
      bypass('warmer'),
    );
    expect((await made.ask('/a', ['Pagetree-Token: guess'])).headers['cache-status']).toBe('pagetree; hit');
  });
});

describe('a response that is refused', () => {
  const rules: Record<string, [headers: OutgoingHttpHeaders, status?: number, options?: SiteOptions]> = {
    status: [head, 404],
    'set-cookie': [{ ...head, 'Set-Cookie': 'a=b' }],
    'cache-control': [{ ...head, 'Cache-Control': 'private' }],
    vary: [{ ...head, Vary: 'Accept-Language' }],
    'partial-content': [{ ...head, 'Content-Range': 'bytes 0-1/2' }, 206],
    trailers: [{ ...head, Trailer: 'X-Sum' }],
    'too-large': [{ ...head, 'Content-Length': 11 }, 200, { maxPageSize: 10 }],
    encoding: [{ ...head, 'Content-Encoding': 'rot13' }],
    'type-mismatch': [{ 'Content-Type': 'application/json' }, 200, { privatePages: false }],
    'lost-headers': [{ ...head, Link: '</a>' }, 200, { privatePages: false, fidelity: 'strict' }],
    charset: [{ 'Content-Type': 'text/html; charset=iso-8859-1' }, 200, { privatePages: false }],
    'should-store': [head, 200, { shouldStore: () => false }],
    'hook-error': [
      head,
      200,
      {
        shouldStore: () => {
          throw new Error('hook');
        },
      },
    ],
  };
  for (const [reason, [headers, status, options]] of Object.entries(rules)) {
    it(reason, async () => {
      const made = await site(
        plain((_, res) => res.writeHead(status ?? 200, headers).end('application')),
        options,
      );
      expect((await made.ask('/a')).headers['cache-status']).toBe(miss(reason));
      expect(await made.outcome('/a')).toMatchObject({ type: 'refused', reason });
      expect(await made.files()).toEqual([]);
    });
  }

  it('busy, while somebody else stores the page', async () => {
    let finish: () => void = () => {};
    const made = await site(
      plain((req, res) => {
        res.writeHead(200, head);
        if (req.headers['x-who'] === 'first') finish = () => res.end('application');
        else res.end('application');
      }),
      { coalesce: false },
    );
    const line = new Line(made.port);
    line.send(request('/a', ['X-Who: first', 'Connection: close']));
    await made.seen(['miss'], '/a');
    expect((await made.ask('/a')).headers['cache-status']).toBe(miss('busy'));
    finish();
    await line.closed();
    await made.outcome('/a');
  });

  it('closed', async () => {
    const made = await site(plain((_, res) => res.writeHead(200, head).end('application')));
    await made.pages.close();
    expect((await made.ask('/a')).headers['cache-status']).toBe(miss('closed'));
  });
});

describe('the field', () => {
  it('has one member of ours, in the form of RFC 9211', () => {
    expect(cacheStatus({ kind: 'hit' })).toBe('pagetree; hit');
    expect(cacheStatus({ kind: 'stored' })).toBe('pagetree; fwd=uri-miss; stored');
    expect(cacheStatus({ kind: 'miss', reason: undefined })).toBe('pagetree; fwd=uri-miss');
    expect(cacheStatus({ kind: 'bypass', reason: 'cookie' })).toBe(bypass('cookie'));
    expect(appendMember('', 'b')).toBe('b');
    expect(appendMember('a; hit', 'b')).toBe('a; hit, b');
  });

  it('is on an answer that the application made empty', async () => {
    const made = await site(plain((_, res) => res.end()));
    const { headers }: { headers: IncomingHttpHeaders } = await made.ask('/a');
    expect(headers['cache-status']).toBe(miss('type-mismatch'));
  });
});
