/** What a fetch handler may answer: each is the same with the cache off and on. */
import { gzipSync } from 'node:zlib';
import { request } from '../support/wire.ts';
import { type App, encode, html, inTurns, type ParityCase, STORED } from './support.ts';

const notStored = (reason: string): string => `pagetree; fwd=uri-miss; detail=${reason}`;
const closing = ['Connection: close'];

const atOnce = (...chunks: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk as Uint8Array);
      controller.close();
    },
  });

class Titled extends Response {
  constructor(title: string) {
    super(`<h1>${title}</h1>`, { headers: html });
  }
}

const moved = { status: 301, headers: { location: '/there' } };

export const cases: Readonly<Record<string, ParityCase & { readonly app: App }>> = {
  'a string': { app: () => new Response('<p>page', { headers: html }) },
  'a string, from a promise': { app: async () => new Response('<p>page', { headers: html }) },
  'a string with characters of several bytes': { app: () => new Response('<p>päge €', { headers: html }) },
  'an empty string': { app: () => new Response('', { headers: html }), status: null },
  bytes: { app: () => new Response(encode('<p>page'), { headers: html }) },
  'ten megabytes': { app: () => new Response('0123456789'.repeat(1 << 20), { headers: html }) },
  'a stream that is there at once': {
    app: () => new Response(atOnce(encode('a'), encode('b')), { headers: html }),
  },
  'a stream of one chunk': { app: () => new Response(atOnce(encode('page')), { headers: html }) },
  'a stream in several turns': { app: () => new Response(inTurns('<p>', 'pa', 'ge'), { headers: html }) },
  'a stream with empty chunks': {
    app: () => new Response(inTurns('', '<p>', ''), { headers: html }),
    // An empty chunk would end a chunked body; what the server makes of it is the server's.
    status: null,
  },
  'a stream of bytes': {
    app: () =>
      new Response(
        new ReadableStream({
          type: 'bytes',
          async pull(controller) {
            await new Promise((resolve) => setTimeout(resolve, 5));
            controller.enqueue(encode('page'));
            await new Promise((resolve) => setTimeout(resolve, 5));
            controller.close();
          },
        }),
        { headers: html },
      ),
  },
  'a stream with its length': {
    app: () => new Response(inTurns('<p>', 'page'), { headers: { ...html, 'content-length': '7' } }),
  },
  'a stream shorter than its length': {
    app: () => new Response(inTurns('<p>', 'page'), { headers: { ...html, 'content-length': '8' } }),
  },
  'a body in chunks, said by the application': {
    app: () => new Response(inTurns('<p>', 'page'), { headers: { ...html, 'transfer-encoding': 'chunked' } }),
    status: null,
  },
  'a stream that fails before its first chunk': {
    app: () => new Response(inTurns(new Error('no page')), { headers: html }),
    status: null,
  },
  'a stream that fails midway': {
    app: () => new Response(inTurns('<p>', 'half', new Error('no end')), { headers: html }),
  },
  'a stream of text, which is no stream of bytes': {
    app: () => new Response(atOnce('<p>', 'page'), { headers: html }),
    status: null,
  },
  'a body that was read already': {
    app: async () => {
      const response = new Response(atOnce(encode('page')), { headers: html });
      await response.text();
      return response;
    },
    status: null,
  },
  'a compressed body': {
    app: () =>
      new Response(gzipSync('<p>page'), {
        headers: { ...html, 'content-encoding': 'gzip', vary: 'accept-encoding' },
      }),
  },
  'a class of the application': { app: () => new Titled('page') },
  'a reason phrase': { app: () => new Response('<p>page', { statusText: 'Fine', headers: html }) },
  'Cache-Status of a cache behind': {
    app: () => new Response('<p>page', { headers: { ...html, 'cache-status': 'inner; hit' } }),
    status: `inner; hit, ${STORED}`,
  },
  'no body': { app: () => new Response(null, { headers: html }), status: notStored('empty-body') },
  'a 204': { app: () => new Response(null, { status: 204 }), status: notStored('status') },
  'a 304': {
    app: () => new Response(null, { status: 304, headers: { etag: '"a"' } }),
    status: notStored('status'),
  },
  'a redirect': { app: () => Response.redirect('http://site.test/there', 303), status: notStored('status') },
  'a redirect with a body': { app: () => new Response('<p>there', moved), status: notStored('status') },
  'a network error': { app: () => Response.error(), status: null },
  'a 404': { app: () => new Response('<p>no', { status: 404, headers: html }), status: notStored('status') },
  'a 500': { app: () => new Response('<p>no', { status: 500, headers: html }), status: notStored('status') },
  'a string without a type, and with another field': {
    app: () => new Response('<h1>page', { headers: { 'x-field': '1' } }),
    // Some servers give it a type only behind the cache.
    status: null,
  },
  'a blob': { app: () => new Response(new Blob(['<p>page']), { headers: html }), status: null },
  'a string without a type': { app: () => new Response('page') },
  JSON: { app: () => Response.json({ page: 1 }) },
  'two cookies': {
    app: () => {
      const response = new Response('<p>page', { headers: html });
      response.headers.append('set-cookie', 'a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT');
      response.headers.append('set-cookie', 'b=2');
      return response;
    },
    status: notStored('set-cookie'),
  },
  'a private page': {
    app: () => new Response('<p>page', { headers: { ...html, 'cache-control': 'private' } }),
    status: notStored('cache-control'),
  },
  'a page that varies': {
    app: () => new Response('<p>page', { headers: { ...html, vary: 'accept-language' } }),
    status: notStored('vary'),
  },
  'an error that is thrown': {
    app: () => {
      throw new Error('thrown');
    },
    status: null,
  },
  'an error after a while': {
    app: async () => {
      await new Promise(setImmediate);
      throw new Error('rejected');
    },
    status: null,
  },
  HEAD: {
    app: () => new Response('<p>page', { headers: html }),
    send: request('/page', closing, 'HEAD'),
    status: notStored('method'),
  },
  'a POST that reads its body': {
    app: async (asked) => new Response(`<p>${await asked.text()}`, { headers: html }),
    send: `POST /page HTTP/1.1\r\nHost: site.test\r\nContent-Length: 4\r\nConnection: close\r\n\r\nform`,
    status: 'pagetree; fwd=method',
  },
  'a query': {
    app: (asked) => new Response(`<p>${asked.url}`, { headers: html }),
    send: request('/page?a=1', closing),
    status: 'pagetree; fwd=bypass; detail=query',
  },
  'a GET with a body': {
    app: () => new Response('<p>page', { headers: html }),
    send: 'GET /page HTTP/1.1\r\nHost: site.test\r\nContent-Length: 4\r\nConnection: close\r\n\r\nform',
    status: 'pagetree; fwd=bypass; detail=request-body',
  },
  'a client of HTTP/1.0': {
    app: () => new Response(inTurns('<p>', 'page'), { headers: html }),
    send: 'GET /page HTTP/1.0\r\nHost: site.test\r\n\r\n',
  },
  'two requests on one connection, sent at once': {
    app: (asked) => new Response(`<p>${new URL(asked.url).pathname}`, { headers: html }),
    send: request('/one') + request('/two', closing),
  },
  'a target that is no path': {
    app: (asked) => new Response(`<p>${asked.url}`, { headers: html }),
    send: request('http://other.test/page', closing),
    status: 'pagetree; fwd=bypass; detail=target-form',
  },
};
