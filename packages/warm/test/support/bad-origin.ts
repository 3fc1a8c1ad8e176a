/** An origin that is broken in every way that was thought of, byte by byte, on a real socket. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { deflateRawSync, gzipSync } from 'node:zlib';

/** One way to be broken, and what cache-warm must make of it. */
export interface Kind {
  readonly answer: (socket: Socket) => void;
  readonly outcome: 'refused' | 'failed';
  readonly reason: string;
}

const html = 'Content-Type: text/html; charset=utf-8\r\n';
const ok = `HTTP/1.1 200 OK\r\n${html}`;
const page = '<!doctype html><title>A page</title><p>Long enough to be one.</p>';

function sends(text: string | Buffer, then: (socket: Socket) => void = () => {}) {
  return (socket: Socket) => {
    socket.write(text);
    then(socket);
  };
}

const ends = (socket: Socket) => socket.end();
/** The bytes must be out before the reset takes them back. */
const resets = (socket: Socket) => setTimeout(() => socket.resetAndDestroy(), 50);

/** Writes again and again until the other side has had enough. */
function repeats(text: string, milliseconds: number) {
  return (socket: Socket) => {
    const timer = setInterval(() => socket.write(text), milliseconds);
    socket.once('close', () => clearInterval(timer));
  };
}

function floods(text: string) {
  return (socket: Socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write(text));
    };
    socket.on('drain', more);
    more();
  };
}

function encoded(coding: string, body: Buffer) {
  const head = `${ok}Content-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return sends(Buffer.concat([Buffer.from(head), body]));
}

function whole(body: string | Buffer, fields = html, status = '200 OK') {
  const bytes = Buffer.from(body);
  return sends(
    Buffer.concat([
      Buffer.from(`HTTP/1.1 ${status}\r\n${fields}Content-Length: ${bytes.length}\r\n\r\n`),
      bytes,
    ]),
  );
}

const redirects = (to: string, status = 302) => whole('', `Location: ${to}\r\n`, `${status} Elsewhere`);

const zipped = gzipSync(page);

/** By path. `other` is the address of another site, which must never be asked. */
export function kindsOf(other: string): Readonly<Record<string, Kind>> {
  const failed = (reason: string, answer: Kind['answer']): Kind => ({ answer, outcome: 'failed', reason });
  const refused = (reason: string, answer: Kind['answer']): Kind => ({ answer, outcome: 'refused', reason });
  return {
    '/closed': failed('connection-reset', ends),
    '/reset': failed('connection-reset', (socket) => socket.resetAndDestroy()),
    '/short': failed('unfinished', sends(`${ok}Content-Length: 1000\r\n\r\n${page}`, ends)),
    '/short/reset': failed('unfinished', sends(`${ok}Content-Length: 1000\r\n\r\n${page}`, resets)),
    '/head-only': failed('unfinished', sends(`${ok}Content-Length: 1000\r\n\r\n`, ends)),
    '/chunk/cut': failed('unfinished', sends(`${ok}Transfer-Encoding: chunked\r\n\r\nff\r\n${page}`, ends)),
    '/chunk/no-last': failed(
      'unfinished',
      sends(`${ok}Transfer-Encoding: chunked\r\n\r\n4\r\npage\r\n`, ends),
    ),
    '/chunk/reset': failed(
      'unfinished',
      sends(`${ok}Transfer-Encoding: chunked\r\n\r\n4\r\npage\r\n`, resets),
    ),
    '/chunk/bad-size': failed(
      'unfinished',
      sends(`${ok}Transfer-Encoding: chunked\r\n\r\n4\r\npage\r\nxyz\r\n`, ends),
    ),
    '/chunk/huge-size': failed(
      'unfinished',
      sends(`${ok}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n`, ends),
    ),
    '/chunk/negative': failed(
      'unfinished',
      sends(`${ok}Transfer-Encoding: chunked\r\n\r\n-4\r\npage\r\n0\r\n\r\n`, ends),
    ),
    '/close-delimited': refused('no-length', sends(`${ok}Connection: close\r\n\r\n${page}`, ends)),
    '/http-1.0': refused('no-length', sends(`HTTP/1.0 200 OK\r\n${html}\r\n${page}`, ends)),
    '/transfer-gzip': refused(
      'encoding',
      sends(`${ok}Transfer-Encoding: gzip, chunked\r\n\r\n4\r\npage\r\n0\r\n\r\n`),
    ),
    '/gzip/whole': refused('encoding', encoded('gzip', zipped)),
    '/gzip/cut': refused('encoding', encoded('gzip', zipped.subarray(0, -9))),
    '/gzip/wrong-sum': refused(
      'encoding',
      encoded('gzip', Buffer.concat([zipped.subarray(0, -8), Buffer.alloc(8)])),
    ),
    '/gzip/none': refused('encoding', encoded('gzip', Buffer.from(page))),
    '/gzip/bomb': refused('too-large', encoded('gzip', gzipSync(Buffer.alloc(50_000_000, 32)))),
    '/deflate/raw-cut': refused('encoding', encoded('deflate', deflateRawSync(page).subarray(0, 20))),
    '/coding/unknown': refused('encoding', encoded('shrink', Buffer.from(page))),
    '/coding/five-times': refused('encoding', encoded('gzip, gzip, gzip, gzip, gzip', zipped)),
    '/hang/before': failed('timeout', () => {}),
    '/hang/in-head': failed('timeout', sends('HTTP/1.1 200 OK\r\nContent-')),
    '/hang/before-body': failed('timeout', sends(`${ok}Content-Length: 1000\r\n\r\n`)),
    '/hang/in-body': failed('timeout', sends(`${ok}Content-Length: 1000\r\n\r\n${page}`)),
    '/hang/in-chunk': failed('timeout', sends(`${ok}Transfer-Encoding: chunked\r\n\r\nff\r\n${page}`)),
    '/drip/head': failed('timeout', sends('HTTP/1.1 200 OK\r\nX-Drip: ', repeats('.', 50))),
    '/drip/body': failed('timeout', sends(`${ok}Content-Length: 100000\r\n\r\n`, repeats('.', 50))),
    '/drip/continue': failed('timeout', repeats('HTTP/1.1 103 Early Hints\r\n\r\n', 50)),
    '/endless/body': refused(
      'too-large',
      sends(`${ok}Transfer-Encoding: chunked\r\n\r\n`, floods(`1000\r\n${'x'.repeat(4096)}\r\n`)),
    ),
    '/endless/head': failed(
      'bad-response',
      sends('HTTP/1.1 200 OK\r\n', floods(`X-More: ${'x'.repeat(1000)}\r\n`)),
    ),
    '/endless/length': refused('too-large', sends(`${ok}Content-Length: 99999999999\r\n\r\n${page}`)),
    '/huge-field': failed(
      'bad-response',
      sends(`${ok}X-Long: ${'x'.repeat(300_000)}\r\nContent-Length: 4\r\n\r\npage`),
    ),
    '/length/negative': failed('bad-response', sends(`${ok}Content-Length: -4\r\n\r\npage`, ends)),
    '/length/no-number': failed('bad-response', sends(`${ok}Content-Length: four\r\n\r\npage`, ends)),
    '/length/twice': failed(
      'bad-response',
      sends(`${ok}Content-Length: 4\r\nContent-Length: 5\r\n\r\npages`, ends),
    ),
    '/length/and-chunks': failed(
      'bad-response',
      sends(`${ok}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npage\r\n0\r\n\r\n`, ends),
    ),
    '/no-http': failed('bad-response', sends('SSH-2.0-OpenSSH_9.2\r\n', ends)),
    '/http-2': failed('bad-response', sends(Buffer.from('00001204000000000000', 'hex'), ends)),
    '/bad-status': failed(
      'bad-response',
      sends(`HTTP/1.1 2OO OK\r\n${html}Content-Length: 4\r\n\r\npage`, ends),
    ),
    '/nul-in-head': failed('bad-response', sends(`${ok}X-A: a\0b\r\nContent-Length: 4\r\n\r\npage`, ends)),
    '/redirect/self': refused('redirect', redirects('/redirect/self')),
    '/redirect/ping': refused('redirect', redirects('/redirect/pong', 301)),
    '/redirect/pong': refused('redirect', redirects('/redirect/ping', 308)),
    '/redirect/chain/0': refused('redirect', redirects('/redirect/chain/1')),
    '/redirect/escape': refused('redirect', redirects(`${other}/stolen`)),
    '/redirect/no-scheme': refused('redirect', redirects(`//${new URL(other).host}/stolen`)),
    '/redirect/script': refused('redirect', redirects('javascript:alert(1)')),
    '/redirect/nonsense': refused('redirect', redirects('http://[::')),
    '/redirect/nowhere': refused('status', whole('', '', '302 Found')),
    '/status/204': refused('status', sends('HTTP/1.1 204 No Content\r\n\r\n')),
    '/status/206': refused(
      'partial-content',
      whole(page, `${html}Content-Range: bytes 0-64/65\r\n`, '206 Partial Content'),
    ),
    '/status/304': refused('status', sends('HTTP/1.1 304 Not Modified\r\n\r\n')),
    '/status/404': refused('status', whole(page, html, '404 Not Found')),
    '/status/500': refused('status', whole(page, html, '500 Internal Server Error')),
    '/error-page': refused('wrong-text', whole('<!doctype html><p>An error happened.</p>'.padEnd(100))),
    '/small': refused('too-small', whole('<p>A page</p>')),
    '/empty': refused('empty-body', whole('')),
    '/type/wrong': refused(
      'type-mismatch',
      whole('{"title": "A page"}', 'Content-Type: application/json\r\n'),
    ),
    '/type/latin': refused('charset', whole(page, 'Content-Type: text/html; charset=iso-8859-1\r\n')),
    '/type/no-utf8': refused(
      'not-utf8',
      whole(Buffer.concat([Buffer.from(page), Buffer.from([0xff])]), 'Content-Type: text/html\r\n'),
    ),
    '/cookie': refused('set-cookie', whole(page, `${html}Set-Cookie: session=1\r\n`)),
    '/private': refused('cache-control', whole(page, `${html}Cache-Control: private\r\n`)),
    '/trailers': refused(
      'trailers',
      sends(
        `${ok}Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n${page.length.toString(16)}\r\n${page}\r\n0\r\nX-Sum: 1\r\n\r\n`,
      ),
    ),
  };
}

/** What an origin that has too much to do may say of when to come back. Each holds up all others, so each is asked alone. */
export const waits: Readonly<Record<string, Kind>> = Object.fromEntries(
  (
    [
      ['/wait/hour', '3600', 'failed', 'retry-after'],
      ['/wait/over-the-timer', '9999999', 'failed', 'retry-after'],
      ['/wait/no-number', '9'.repeat(400), 'failed', 'retry-after'],
      ['/wait/far-date', 'Fri, 31 Dec 9999 23:59:59 GMT', 'failed', 'retry-after'],
      ['/wait/past-date', 'Thu, 01 Jan 1970 00:00:00 GMT', 'refused', 'status'],
      ['/wait/negative', '-3600', 'refused', 'status'],
      ['/wait/fraction', '3600.5', 'refused', 'status'],
      ['/wait/junk', 'when it is over', 'refused', 'status'],
      ['/wait/empty', '', 'refused', 'status'],
    ] as const
  ).map(([path, field, outcome, reason]) => [
    path,
    { answer: whole('', `Retry-After: ${field}\r\n`, '503 Service Unavailable'), outcome, reason },
  ]),
);

export interface BadOrigin {
  readonly url: string;
  readonly kinds: Readonly<Record<string, Kind>>;
  close(): Promise<void>;
}

/** What every path that is not broken answers. */
export function goodPage(path: string): string {
  return page.replace('A page', `A page: ${path}`);
}

/** Starts it. Each connection answers one request. */
export async function startBadOrigin(other: string): Promise<BadOrigin> {
  const kinds = { ...kindsOf(other), ...waits };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    let head = '';
    socket.on('data', (bytes) => {
      head += bytes.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      const path = head.split(' ', 2)[1]!;
      head = '';
      const kind = kinds[path];
      const hop = /^\/redirect\/chain\/(\d+)$/.exec(path);
      if (kind !== undefined) kind.answer(socket);
      else if (hop !== null) redirects(`/redirect/chain/${Number(hop[1]) + 1}`)(socket);
      else whole(goodPage(path))(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    kinds,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
