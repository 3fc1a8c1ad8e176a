/** What configurations of web servers get wrong, and what `pagetree check` must say of each. */
import { type Forwarded, fileReply, type Mistake, type Replied } from './servers.ts';

interface Wrong extends Mistake {
  /** The topic and the aspect under which it must be told. */
  readonly told: string;
}

const ok = ({ status }: Replied): boolean => status === 200;

const without =
  (name: string): Mistake['before'] =>
  (forwarded) => {
    delete forwarded.headers[name];
    return undefined;
  };

const url =
  (change: (url: string) => string): Mistake['before'] =>
  (forwarded) => {
    forwarded.url = change(forwarded.url);
    return undefined;
  };

const field =
  (
    name: string,
    value: string | undefined,
    when: (replied: Replied, asked: Forwarded) => boolean = ok,
  ): Mistake['after'] =>
  (replied, asked) => {
    if (when(replied, asked)) replied.headers[name] = value;
  };

/** Files of the tree whose name matches. */
const files =
  (names: RegExp): Mistake['before'] =>
  ({ url }, cacheDir) =>
    names.test(url) ? fileReply(cacheDir, decodeURIComponent(url)) : undefined;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const notFound: Replied = { status: 404, headers: {}, body: Buffer.from('not found') };

/** Remembers answers as long as it lives. */
function remembering(status: number): Mistake {
  const known = new Map<string, Replied>();
  return {
    before: ({ url, method, headers }) => {
      const plain = method === 'GET' && headers['if-none-match'] === undefined && headers.range === undefined;
      const found = plain && headers['accept-encoding'] === undefined ? known.get(url) : undefined;
      return found && { ...found, headers: { ...found.headers } };
    },
    after: (replied, { url, method, headers }) => {
      const plain =
        method === 'GET' &&
        Object.keys(headers).every((name) => !/^(?:if-|range|accept-e|cookie|x-|auth)/.test(name));
      if (plain && replied.status === status) known.set(url, replied);
    },
  };
}

export const mistakes: Readonly<Record<string, Wrong>> = {
  'answers a query from the tree': { told: 'query leak', before: url((text) => text.replace(/\?.*/, '')) },
  'does not see a ? with nothing behind it': {
    told: 'query leak',
    before: url((text) => text.replace(/\?$/, '')),
  },
  'gives everybody the page without his cookie': { told: 'cookie leak', before: without('cookie') },
  'does not look at Authorization': { told: 'authorization leak', before: without('authorization') },
  'does not know the header of a proxy that logs in': {
    told: 'authorization leak',
    before: without('x-forwarded-user'),
  },
  'does not know a header of a framework': { told: 'header leak', before: without('rsc') },
  'does not know how methods are overridden': {
    told: 'header leak',
    before: without('x-http-method-override'),
  },
  'answers a POST from the tree': {
    told: 'method leak',
    before: (forwarded) => {
      if (forwarded.method === 'POST') Object.assign(forwarded, { method: 'GET', body: Buffer.alloc(0) });
      delete forwarded.headers['content-length'];
      return undefined;
    },
  },
  'answers a POST itself': {
    told: 'method bypass',
    before: ({ method }) => (method === 'POST' ? { ...notFound, status: 405 } : undefined),
  },
  'has no pages for HEAD': {
    told: 'head status',
    before: ({ method }) =>
      method === 'HEAD' ? { ...notFound, status: 405, body: Buffer.alloc(0) } : undefined,
  },
  'says another type': { told: 'pages type', after: field('content-type', 'application/octet-stream') },
  'says no charset': {
    told: 'pages type',
    after: (replied) => {
      if (ok(replied)) replied.headers['content-type'] = `${replied.headers['content-type']}`.split(';')[0];
    },
  },
  'lets browsers keep pages': { told: 'pages cache-control', after: field('cache-control', 'max-age=3600') },
  'says no Cache-Control': { told: 'pages cache-control', after: field('cache-control', undefined) },
  'says no Vary': { told: 'coding vary', after: field('vary', undefined) },
  'says no Last-Modified and no ETag': {
    told: 'pages validators',
    after: (replied) => {
      delete replied.headers.etag;
      delete replied.headers['last-modified'];
    },
  },
  'says another time': {
    told: 'pages validators',
    after: field('last-modified', 'Sun, 06 Nov 1994 08:49:37 GMT'),
  },
  'sets a cookie with every page': {
    told: 'pages set-cookie',
    after: field('set-cookie', 'id=secret-value'),
  },
  'changes bytes': {
    told: 'pages body',
    after: (replied) => {
      if (ok(replied)) replied.body = Buffer.concat([replied.body, Buffer.from('\n')]);
    },
  },
  'gives gzip to everybody': {
    told: 'coding encoding',
    before: (forwarded) => {
      forwarded.headers['accept-encoding'] = 'gzip';
      return undefined;
    },
  },
  'calls what is not compressed gzip': { told: 'pages encoding', after: field('content-encoding', 'gzip') },
  'knows no 304': {
    told: 'conditional status',
    before: (forwarded) => {
      delete forwarded.headers['if-none-match'];
      delete forwarded.headers['if-modified-since'];
      return undefined;
    },
  },
  'says 304 to any tag': {
    told: 'conditional status',
    before: ({ headers }) =>
      headers['if-none-match'] === '"other"'
        ? { status: 304, headers: {}, body: Buffer.alloc(0) }
        : undefined,
  },
  'gives the wrong part': {
    told: 'range body',
    after: (replied) => {
      if (replied.status === 206) replied.body = Buffer.from(replied.body).fill('x');
    },
  },
  'serves the files of the tree': { told: 'internal leak', before: files(/^\/\.pagetree\/tree\.json$/) },
  'serves the token of the tree': { told: 'internal leak', before: files(/^\/\.pagetree\/token$/) },
  'serves what is known of pages': { told: 'internal leak', before: files(/^\/\.pagetree\/meta\//) },
  'serves private pages by the names of their files': {
    told: 'internal leak',
    before: files(/^\/\.pagetree\/private\/pages\//),
  },
  'serves variants by name': { told: 'internal leak', before: files(/\.gz$/) },
  'serves page files by name': { told: 'internal leak', before: files(/__page\.html$/) },
  'serves index files by name': { told: 'internal leak', before: files(/__index\.html$/) },
  'serves hidden files': { told: 'internal leak', before: files(/\/\.hidden$/) },
  'follows links': { told: 'link leak', before: files(/\/link$/) },
  'folds slashes': { told: 'spelling leak', before: url((text) => text.replace(/\/{2,}/g, '/')) },
  'decodes names': { told: 'spelling leak', before: url((text) => encodeURI(decoded(text))) },
  'decodes names twice': { told: 'spelling leak', before: url((text) => encodeURI(decoded(decoded(text)))) },
  'resolves dots': { told: 'spelling leak', before: url((text) => text.replace(/\/[^/]+\/\.\.\//g, '/')) },
  'takes a backslash for a slash': {
    told: 'spelling leak',
    before: url((text) => text.replaceAll('\\', '/')),
  },
  'cuts a name at NUL': { told: 'spelling leak', before: url((text) => text.replace(/%00.*/, '')) },
  'folds /page/ into /page': {
    told: 'spelling leak',
    before: url((text) => text.replace(/\/page\/$/, '/page')),
  },
  'has no page where its folder is': {
    told: 'conflict status',
    before: ({ url }) => (url.endsWith('/both') ? { ...notFound, status: 403 } : undefined),
  },
  'has no index pages': {
    told: 'pages status',
    before: ({ url }) => (/^\/pagetree-check-\w+\/$/.test(url) ? { ...notFound, status: 403 } : undefined),
  },
  'keeps pages that are purged': { told: 'purge stale', ...remembering(200) },
  'remembers what was not there': { told: 'purge stale', ...remembering(404) },
  'closes the connection': {
    told: 'pages no answer',
    before: ({ url }) => (url.endsWith('/name.of-no-kind') ? 'nothing' : undefined),
  },
};
