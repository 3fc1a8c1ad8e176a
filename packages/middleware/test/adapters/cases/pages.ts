/** What an application may answer in one piece, and how requests are treated that are no plain GET. */
import { gzipSync } from 'node:zlib';
import { broken, html } from '../stage.ts';
import type { Case, Cases } from '../suite.ts';

const page = '<p>a page</p>';
const refused = (reason: string): readonly string[] => [`refused: ${reason}`];
const bypass = (reason: string): readonly string[] => [`bypass: ${reason}`];

/** A GET with more fields. */
function asking(fields: Readonly<Record<string, string>>): NonNullable<Case['client']> {
  return (client) => client.open({ fields }).done();
}

/** A request with another method, whose body comes back. */
function echoed(method: string, body: string): Case {
  return {
    answers: async (asked) => ({ body: `<p>${asked.method} ${await asked.body()}</p>` }),
    client: (client) => client.open({ method, body, fields: { 'Content-Type': 'text/plain' } }).done(),
    fates: bypass('method'),
  };
}

/** Their errors become responses behind the cache, not in front of it. */
const thrown = {
  Hono: ['aborted: unfinished'],
  'a fetch handler': ['aborted: unfinished'],
};

export const pages: Cases = {
  'a page of text': { answers: () => ({ body: page }) },
  'a page of bytes': { answers: () => ({ body: Buffer.from('<p>é€</p>') }) },
  'a page with its length': {
    answers: () => ({ fields: { ...html, 'Content-Length': `${page.length}` }, body: page }),
  },
  'a page with many fields, and one twice': {
    answers: () => ({
      fields: {
        ...html,
        ...Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`X-${at}`, 'v'.repeat(at)])),
        Link: ['</a.css>; rel=preload', '</b.css>; rel=preload'],
      },
      body: page,
    }),
  },
  'a field with letters beyond ASCII': {
    answers: () => ({ fields: { ...html, 'X-Name': 'caf\xe9' }, body: page }),
  },
  'validators of the application': {
    answers: () => ({
      fields: { ...html, ETag: 'W/"1"', 'Last-Modified': 'Sun, 06 Nov 1994 08:49:37 GMT' },
      body: page,
    }),
  },
  'a page that the application compressed': {
    answers: () => ({
      fields: { ...html, 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' },
      body: gzipSync(page.repeat(100)),
    }),
    client: asking({ 'Accept-Encoding': 'gzip' }),
  },
  'ten megabytes in one piece, to a client that reads slowly': {
    answers: () => ({ body: '0123456789'.repeat(1 << 20) }),
    client: async (client) => {
      const opened = client.open();
      opened.slowly();
      await opened.done();
    },
  },
  'no body at all': { answers: () => ({ fields: { 'X-Empty': 'yes' } }), fates: null },
  'a body of no bytes': { answers: () => ({ body: '' }), fates: refused('empty-body') },
  'text that is not UTF-8': {
    answers: () => ({ fields: { 'Content-Type': 'text/html' }, body: Buffer.from([0x3c, 0xff, 0x3e]) }),
    fates: null,
  },
  JSON: {
    answers: () => ({ fields: { 'Content-Type': 'application/json' }, body: '{"a":1}' }),
  },
  'two cookies': {
    answers: () => ({ fields: { ...html, 'Set-Cookie': ['a=1', 'b=2; Path=/'] }, body: page }),
    fates: refused('set-cookie'),
  },
  'a page that is not to be stored': {
    answers: () => ({ fields: { ...html, 'Cache-Control': 'private, no-store' }, body: page }),
    fates: refused('cache-control'),
  },
  'a page that varies': {
    answers: () => ({ fields: { ...html, Vary: 'Accept-Language' }, body: page }),
    fates: refused('vary'),
  },
  '201 Created': { answers: () => ({ status: 201, body: page }), fates: refused('status') },
  '204 No Content': { answers: () => ({ status: 204, fields: {} }), fates: refused('status') },
  '301 Moved Permanently': {
    answers: () => ({ status: 301, fields: { ...html, Location: '/there' }, body: page }),
    fates: refused('status'),
  },
  '304 of the application': {
    answers: ({ fields }) =>
      fields['if-none-match'] === '"1"'
        ? { status: 304, fields: { ETag: '"1"' } }
        : { fields: { ...html, ETag: '"1"' }, body: page },
    client: asking({ 'If-None-Match': '"1"' }),
    fates: refused('status'),
  },
  '206 of the application': {
    answers: ({ fields }) => ({
      status: 206,
      fields: { ...html, 'Content-Range': 'bytes 0-1/13' },
      body: fields.range === 'bytes=0-1' ? '<p' : page,
    }),
    client: asking({ Range: 'bytes=0-1' }),
    fates: ['miss: range'],
  },
  '404 with a page': { answers: () => ({ status: 404, body: page }), fates: refused('status') },
  '500 with a page': { answers: () => ({ status: 500, body: page }), fates: refused('status') },
  'an application that throws before the first byte': {
    answers: () => {
      throw broken('thrown');
    },
    fates: refused('status'),
    fatesOn: thrown,
  },
  'an application that rejects before the first byte': {
    answers: async () => {
      await new Promise(setImmediate);
      throw broken('rejected');
    },
    fates: refused('status'),
    fatesOn: thrown,
  },
  'HEAD of a page': {
    answers: () => ({ body: page }),
    client: (client) => client.open({ method: 'HEAD' }).done(),
    fates: ['miss: method'],
  },
  'HEAD of a page in pieces': {
    answers: () => ({
      body: (async function* () {
        yield page;
        yield page;
      })(),
    }),
    client: (client) => client.open({ method: 'HEAD' }).done(),
    fates: ['miss: method'],
  },
  'POST, whose body comes back': echoed('POST', 'a body'),
  'PUT of 200 KB, whose body comes back': echoed('PUT', 'x'.repeat(200_000)),
  'POST, whose body nobody reads': {
    answers: () => ({ body: page }),
    client: (client) =>
      client.open({ method: 'POST', body: 'unread', fields: { 'Content-Type': 'text/plain' } }).done(),
    fates: bypass('method'),
  },
  DELETE: {
    answers: ({ method }) => ({ body: `<p>${method}</p>` }),
    client: (client) => client.open({ method: 'DELETE' }).done(),
    fates: bypass('method'),
  },
  OPTIONS: {
    answers: ({ method }) => ({ fields: { Allow: 'GET' }, body: `<p>${method}</p>` }),
    client: (client) => client.open({ method: 'OPTIONS' }).done(),
    fates: bypass('method'),
  },
  PROPFIND: {
    answers: ({ method }) => ({ body: `<p>${method}</p>` }),
    client: (client) => client.open({ method: 'PROPFIND' }).done(),
    fates: null,
  },
  'a query': {
    answers: ({ url }) => ({ body: `<p>${url}</p>` }),
    client: (client, run) => client.open({ target: `${run.path}?a=b&c` }).done(),
    fates: bypass('query'),
  },
  'a session': {
    answers: ({ fields }) => ({ body: `<p>${fields.cookie}</p>` }),
    client: asking({ Cookie: 'session=alice' }),
    fates: bypass('cookie'),
  },
  credentials: {
    answers: ({ fields }) => ({ body: `<p>${fields.authorization}</p>` }),
    client: asking({ Authorization: 'Basic YTpi' }),
    fates: bypass('authorization'),
  },
  'a path with letters beyond ASCII': {
    answers: ({ url }) => ({ body: `<p>${url}</p>` }),
    client: (client, run) => client.open({ target: `${run.path}-caf%C3%A9` }).done(),
  },
  'a path that cannot be decoded': {
    answers: ({ url }) => ({ body: `<p>${url}</p>` }),
    client: (client, run) => client.open({ target: `${run.path}-%E0%A4%A` }).done(),
    fates: null,
  },
  'thirty requests at once, each for a page of its own': {
    answers: ({ url }) => ({ body: `<p>${url}</p>` }),
    client: async (client, run) => {
      const opened = await client.openAtOnce(
        Array.from({ length: 30 }, (_, at) => ({ target: `${run.path}-${at}` })),
      );
      await Promise.all(opened.map((one) => one.done()));
    },
    fates: Array.from({ length: 30 }, () => 'stored'),
  },
  'ten requests at once for one page that is not stored': {
    answers: () => ({ fields: { ...html, 'Cache-Control': 'no-store' }, body: page }),
    client: async (client) => {
      const opened = Array.from({ length: 10 }, () => client.open());
      await Promise.all(opened.map((one) => one.done()));
    },
    fates: null,
  },
};
