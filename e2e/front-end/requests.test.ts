/** What a request says beside its path: asked from each server and from the middleware over the same tree. */
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exchange, Line, parse, request, type Wire } from '../../packages/middleware/test/support/wire.ts';
import { temporaryFolder } from '../support/tree.ts';
import { type Behind, startBehind } from './behind.ts';
import { aged, plantFile, plantTree } from './planted.ts';
import { type FrontEnd, kinds, startServer } from './servers.ts';

const long = '<p>some words, again and again</p>'.repeat(200);
const files = {
  '__index.html': 'the front page',
  page: { text: long, variants: true },
  'blog/__page.html': { text: `blog ${long}`, variants: true },
  'blog/__index.html': 'the index of the blog',
  'blog/post': 'a post',
  'v1.2/__page.html': 'a version',
  'v1.2/guide': 'its guide',
  'caf\u00e9/a b': 'an encoded name',
  'stra\u00dfe': 'a street',
  '\u65e5\u672c': 'Japan',
  'a*b[1]': 'signs of patterns',
  'c++': 'plus',
  'style.css': { text: 'p { color: red } '.repeat(100), variants: true },
  'UPPER.CSS': 'p { }',
  'picture.png': 'not really a picture',
  'data.json': '{"a":1}',
  'some.unknown': 'an extension that nobody knows',
  'a.css.unknown': 'the last extension counts',
  'page.en': 'not a language',
  'archive.gz.html': 'not an archive',
  '.well-known/security.txt': 'Contact: mailto:a@site.test',
  atom: '<feed/>',
  'feed/today': '<rss>today</rss>',
  'feed/x.json': '<rss>still</rss>',
  feedback: 'not a feed',
  'assets/app.js': 'let a;',
  'assets/deep/x.css': 'p {}',
  'assets2/app.js': 'let b;',
  empty: '',
};
const tree = {
  types: { '/feed': 'application/rss+xml', '/atom': 'application/atom+xml' },
  cacheControl: { '/assets': 'public, max-age=3600', '/assets/deep': 'public, max-age=60, immutable' },
};
const compared = [
  ...['content-type', 'etag', 'last-modified', 'cache-control', 'vary', 'content-encoding', 'content-range'],
  ...['accept-ranges', 'content-language'],
];
const browser = 'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8';
const date = `If-Modified-Since: ${aged.toUTCString()}`;

type Case = readonly [what: string, target: string, fields?: readonly string[], method?: string];

const fromTree: readonly Case[] = [
  ...Object.keys(files)
    .filter((name) => name !== 'empty')
    .map((name): Case => {
      const path = name.replace(/__index\.html$/, '').replace(/\/__page\.html$/, '');
      return [name, `/${encodeURI(path).replaceAll('[', '%5B').replaceAll(']', '%5D')}`];
    }),
  ['HEAD', '/page', [], 'HEAD'],
  ['HEAD of an index', '/blog/', [], 'HEAD'],
  ['a browser', '/page', [browser, 'Accept-Encoding: gzip, deflate', 'Accept-Language: de']],
  ['gzip', '/page', ['Accept-Encoding: gzip']],
  ['gzip of a page in its folder', '/blog', ['Accept-Encoding: gzip']],
  ['no gzip', '/page', ['Accept-Encoding: gzip;q=0']],
  ['gzip where there is none', '/data.json', ['Accept-Encoding: gzip, br']],
  ['another coding', '/page', ['Accept-Encoding: deflate']],
  ['a range', '/page', ['Range: bytes=0-9']],
  ['the last bytes', '/page', ['Range: bytes=-5']],
  ['a range of one in its folder', '/blog', ['Range: bytes=5-20']],
  ['the same date', '/page', [date]],
  ['an older date', '/page', ['If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT']],
  ['Cache-Control of the client', '/page', ['Cache-Control: no-cache', 'Pragma: no-cache']],
  ['ignorable cookies', '/page', ['Cookie: _ga=GA1.2.3.4; _gid=x; _hjSession_1=y']],
  ['a cookie that is named', '/page', ['Cookie: theme=dark']],
  ['a user agent', '/page', ['User-Agent: Mozilla/5.0', 'Referer: http://site.test/']],
  ['a proxy in front', '/page', ['X-Forwarded-For: 192.0.2.1', 'Via: 1.1 proxy']],
];

const toApplication: readonly Case[] = [
  ['a query', '/page?a=b'],
  ['an empty query', '/page?'],
  ['a query of the front page', '/?a'],
  ['a cookie', '/page', ['Cookie: session=1']],
  ['a cookie among ignorable ones', '/page', ['Cookie: _ga=1; session=1; _gid=2']],
  ['a cookie without a value', '/page', ['Cookie: _ga']],
  ['two cookie lines', '/page', ['Cookie: _ga=1', 'Cookie: session=1']],
  ['two cookie lines, the other way round', '/page', ['Cookie: session=1', 'Cookie: _ga=1']],
  ['two cookies that a proxy joined with a comma', '/page', ['Cookie: _ga=1, session=1']],
  ['three cookie lines', '/page', ['Cookie: _ga=1', 'Cookie: _gid=2', 'Cookie: session=1']],
  ['a cookie of a name that is longer', '/page', ['Cookie: themes=dark']],
  ['credentials', '/page', ['Authorization: Basic YTpi']],
  ['credentials of a proxy', '/page', ['X-Forwarded-User: a']],
  ['another path', '/page', ['X-Original-URL: /admin']],
  ['a part of a page', '/page', ['HX-Request: true']],
  ['a family of headers, by a member that seldom comes', '/page', ['HX-Prompt: a name']],
  ['another member', '/page', ['HX-Trigger-Name: email']],
  ['a member of Inertia', '/page', ['X-Inertia-Partial-Except: users']],
  ['a member of Unpoly', '/page', ['X-Up-Fail-Target: form']],
  ['a member of Livewire', '/page', ['X-Livewire-Stream: 1']],
  ['a member of Next.js', '/page', ['X-Middleware-Next: 1']],
  ['React', '/page', ['RSC: 1']],
  ['XMLHttpRequest', '/page', ['X-Requested-With: XMLHttpRequest']],
  ['another host', '/page', ['X-Original-Host: evil.test']],
  ['the warmer', '/page', ['Pagetree-Token: x']],
  ['JSON', '/page', ['Accept: application/json']],
  ['JSON, or anything', '/page', ['Accept: application/json, text/plain, */*']],
  ['another version', '/page', ['Accept-Version: 2.x']],
  ['a name from a gateway', '/page', ['X-Consumer-Username: alice']],
  ['a certificate that a proxy tells of', '/page', ['SSL-Client-Subject-DN: CN=alice']],
  ['a body', '/page', ['Content-Length: 3', '', 'a=b']],
  ['POST', '/page', ['Content-Length: 0'], 'POST'],
  ['PUT', '/page', ['Content-Length: 0'], 'PUT'],
  ['DELETE', '/page', [], 'DELETE'],
  ['OPTIONS', '/page', [], 'OPTIONS'],
  ['PURGE', '/page', [], 'PURGE'],
  ['the file of an index', '/blog/__index.html'],
  ['the file of a page', '/blog/__page.html'],
  ['the same in capitals', '/blog/__INDEX.HTML'],
  ['a variant', '/page.gz'],
  ['another variant', '/style.css.br'],
  ['the manifest', '/.pagetree/tree.json'],
  ['the manifest, escaped', '/%2Epagetree/tree.json'],
  ['the manifest, from elsewhere', '/blog/../.pagetree/tree.json'],
  ['the token', '/.pagetree/token'],
  ['the tag', '/CACHEDIR.TAG'],
  ['two slashes', '//page'],
  ['an escaped letter', '/%70age'],
  ['an escaped slash', '/blog%2Fpost'],
  ['a point', '/./page'],
  ['a page that is not there', '/none'],
  ['a page with a slash too many', '/blog/post/'],
  ['another page with a slash too many', '/style.css/'],
  ['a folder without an index', '/feed/'],
  ['a file as a folder', '/page/'],
  ['below a file', '/page/x'],
  ['a link to a file outside', '/link'],
  ['a link to a page', '/inner-link'],
];

/** One request on a connection of its own; `Connection` stands there once. */
async function ask(
  port: number,
  target: string,
  fields: readonly string[] = [],
  method = 'GET',
): Promise<Wire> {
  const last = fields.some((line) => /^connection:/i.test(line)) ? [] : ['Connection: close'];
  return parse(await exchange(port, request(target, [...last, ...fields], method)), method);
}

function essence({ status, headers, body }: Wire, names: readonly string[]): object {
  return {
    status,
    ...Object.fromEntries(names.map((name) => [name, headers[name]])),
    body: body.toString('latin1'),
  };
}

/** nginx says of parts and of variants not that it has ranges, and 304s of Apache and Caddy say less. */
function toldBy({ status, headers }: Wire, names: readonly string[]): readonly string[] {
  if (status === 304) return names.filter((name) => name === 'cache-control' || name === 'etag');
  const plain = status === 200 && headers['content-encoding'] === undefined;
  return plain ? names : names.filter((name) => name !== 'accept-ranges');
}

describe.each(kinds)('$name', async (kind) => {
  const folder = await temporaryFolder();
  const cacheDir = join(folder, 'cache');
  let behind: Behind;
  let front: FrontEnd;
  /** Entity tags of Apache and Caddy are of another kind. */
  const names = kind.name === 'nginx' ? compared : compared.filter((name) => name !== 'etag');

  beforeAll(async () => {
    await plantTree(cacheDir, tree, files);
    await plantFile(join(folder, 'outside/secret'), 'a secret');
    await symlink(join(folder, 'outside/secret'), join(cacheDir, 'link'));
    await symlink('page', join(cacheDir, 'inner-link'));
    await symlink(join(folder, 'outside'), join(cacheDir, 'linked'));
    const rules = { ignoreCookies: ['theme'] };
    const config = join(folder, 'pagetree.config.json');
    await writeFile(config, JSON.stringify(rules));
    behind = await startBehind({ cacheDir, ...rules });
    const upstream = `http://127.0.0.1:${behind.port}`;
    front = await startServer(kind, cacheDir, join(folder, 'server'), [
      '--upstream',
      upstream,
      '--config',
      config,
    ]);
  });
  afterAll(async () => {
    await front?.stop();
    await behind?.stop();
  });

  const both = ([_, target, fields = [], method = 'GET']: Case) =>
    Promise.all([ask(behind.port, target, fields, method), ask(front.port, target, fields, method)]);
  const leaves = (target: string): boolean => kind.leaves?.test(target) ?? false;

  test.each(fromTree)('from the tree, as the middleware has it: %s (%s)', async (...asked) => {
    const [node, got] = await both(asked as unknown as Case);
    expect(node.headers['cache-status']).toBe('pagetree; hit');
    expect(got.headers['cache-status']).toBe(
      leaves(asked[1] as string) ? 'pagetree; hit' : `${kind.name}; hit`,
    );
    const told = toldBy(got, names);
    expect(essence(got, told)).toEqual(essence(node, told));
    expect(got.whole).toBe(true);
  });

  test.each(toApplication)('to the application: %s (%s)', async (...asked) => {
    if (kind.name === 'caddy' && /link/.test(asked[1] as string)) return;
    const [node, got] = await both(asked as unknown as Case);
    expect(got.headers['cache-status'] ?? '').not.toBe(`${kind.name}; hit`);
    expect(got.headers['x-asked'], got.statusLine).toBe(node.headers['x-asked']);
    expect(got.status).toBe(node.status);
    expect(got.headers['content-type']).toBe(node.headers['content-type']);
  });

  test('a page behind a linked folder is not shown', async () => {
    const { headers } = await ask(front.port, '/linked/secret');
    // Caddy follows links: docs/front-end/caddy.md says so. The middleware goes through folders that are links.
    expect(headers['cache-status']).toBe(kind.name === 'caddy' ? 'caddy; hit' : 'pagetree; hit');
  });

  test.each([['br'], ['gzip, br'], ['gzip, deflate, br, zstd']])('brotli: %s', async (accepted) => {
    const [node, got] = await both(['', '/style.css', [`Accept-Encoding: ${accepted}`]]);
    expect(got.headers['cache-status']).toBe(`${kind.name}; hit`);
    expect(got.headers.vary).toBe('Accept-Encoding');
    expect(got.headers['content-encoding']).toBe('br');
    expect(essence(got, toldBy(got, names))).toEqual(essence(node, toldBy(got, names)));
  });

  test.each([
    ...[
      'gzip;q=1.0,deflate;q=0.6,identity;q=0.3',
      'br;q=0.5, gzip',
      'gzip;q=0.2',
      'gzip, br;q=0',
      '*',
      'GZIP',
    ],
    ...['identity', 'gzip,,br', 'x-br', 'gzip;q=0, identity', 'br, *;q=0.1'],
  ])('the coding that the middleware chooses: %s', async (accepted) => {
    // Debian's Apache compresses what the application sends plainly.
    if (kind.name === 'apache' && accepted === 'gzip,,br') return;
    for (const target of ['/page', '/blog']) {
      const [node, got] = await both(['', target, [`Accept-Encoding: ${accepted}`]]);
      expect(essence(got, [...names, 'content-encoding']), target).toEqual(
        essence(node, [...names, 'content-encoding']),
      );
    }
  });

  test('a range of a variant', async () => {
    const [node, got] = await both(['', '/page', ['Accept-Encoding: br', 'Range: bytes=2-11']]);
    expect([got.status, got.headers['cache-status']]).toEqual([206, `${kind.name}; hit`]);
    expect(essence(got, toldBy(got, names))).toEqual(essence(node, toldBy(got, names)));
  });

  test('a page without its file is gone, whatever variants are left', async () => {
    await plantFile(join(cacheDir, 'gone.gz'), gzipSync(long));
    await plantFile(join(cacheDir, 'gone.br'), brotliCompressSync(long));
    await plantFile(join(cacheDir, 'away/__page.html.br'), brotliCompressSync(long));
    for (const target of ['/gone', '/away']) {
      const { text } = await ask(front.port, target, ['Accept-Encoding: gzip, br']);
      expect(text, target).toContain('the application was asked');
    }
  });

  test('an empty file is no page', async () => {
    const { headers, text } = await ask(front.port, '/empty');
    // nginx can't tell: docs/front-end/nginx.md says so.
    if (kind.name === 'nginx') expect([headers['cache-status'], text]).toEqual(['nginx; hit', '']);
    else expect(text).toContain('the application was asked for GET /empty');
  });

  test('a field that Connection names is not for the tree', async () => {
    // A proxy takes such a field away, so that the middleware may answer.
    const { headers } = await ask(front.port, '/page', ['Connection: close, X-Secret', 'X-Secret: 1']);
    expect(headers['cache-status']).toBe('pagetree; hit');
  });

  test('several ranges', async () => {
    const [node, got] = await both(['', '/page', ['Range: bytes=0-4, 10-14']]);
    // Apache sends all of a page that has no entity tag.
    expect([got.status, node.status]).toEqual([kind.name === 'apache' ? 200 : 206, 206]);
    if (kind.name === 'apache') return;
    const parts = ({ text }: Wire) =>
      text
        .split('\r\n')
        .filter((line) => !line.startsWith('--'))
        .sort();
    expect(parts(got)).toEqual(parts(node));
  });

  test('a range that is not there is refused', async () => {
    const [node, got] = await both(['', '/page', ['Range: bytes=999999-']]);
    expect(got.status).toBe(node.status);
    // Apache does not say how long the page is.
    if (kind.name !== 'apache') expect(got.headers['content-range']).toBe(node.headers['content-range']);
  });

  test('a client keeps its 304s, whoever it asked before', async () => {
    const validators = ({ headers }: Wire): string[] => [
      ...(headers.etag === undefined ? [] : [`If-None-Match: ${headers.etag}`]),
      `If-Modified-Since: ${headers['last-modified']}`,
    ];
    for (const target of ['/page', '/blog', '/blog/', '/style.css', '/feed/today']) {
      for (const accepted of [[], ['Accept-Encoding: gzip']]) {
        const [node, got] = await both(['', target, accepted]);
        const back = await ask(front.port, target, [...accepted, ...validators(got)]);
        expect([back.status, back.headers['cache-status']], target).toEqual([304, `${kind.name}; hit`]);
        // Who comes from the middleware is answered by whoever knows its tag.
        expect((await ask(front.port, target, [...accepted, ...validators(node)])).status, target).toBe(304);
        const there = await ask(behind.port, target, [...accepted, ...validators(got)]);
        expect(there.status, target).toBe(304);
        const other = await ask(front.port, target, [...accepted, 'If-None-Match: "0-0"', date]);
        expect(other.status, target).toBe(200);
      }
    }
  });

  test('the application hears how it was asked', async () => {
    const target = '/none//%2f%7E;a/%C3%a9?q=%20&?';
    const { text } = await ask(front.port, target, [
      'X-Forwarded-For: 192.0.2.7',
      'X-Forwarded-Host: evil.test',
      'X-Own: 1',
    ]);
    expect(text).toContain(`GET ${target} of site.test `);
    const fields = JSON.parse(text.slice(text.indexOf('{'))) as Record<string, string>;
    expect(fields).toMatchObject({
      'x-forwarded-host': 'site.test',
      'x-forwarded-proto': 'http',
      'x-forwarded-for': expect.stringMatching(/127\.0\.0\.1$/),
      'x-own': '1',
    });
  });

  test('a target with a host says more than Host does: a stranger in Host went to the application with it', async () => {
    const { text } = await ask(front.port, 'http://site.test/none', ['Host: evil.test']);
    expect(text).toContain('GET /none of site.test ');
    expect(text).not.toContain('evil.test');
  });

  test('connections become WebSockets', async () => {
    const line = new Line(front.port);
    line.send(
      request('/socket', [
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
      ]),
    );
    expect(await line.until('\r\n\r\n')).toContain('HTTP/1.1 101');
    line.send('hello');
    await line.until('hello');
    line.leave();
    await line.closed();
  });
});
