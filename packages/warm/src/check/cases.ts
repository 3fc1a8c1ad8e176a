/** The questions about the edges, each a request. What the answer must be is not said here: the tree's rules say it. */
import type { Asking } from './ask.ts';
import type { Leeway } from './compare.ts';
import type { Probe } from './probe.ts';

/** What a question is about. `where.ts` says of each which setting to look at. */
export type Topic =
  | 'pages'
  | 'conflict'
  | 'private'
  | 'head'
  | 'coding'
  | 'conditional'
  | 'range'
  | 'query'
  | 'cookie'
  | 'authorization'
  | 'header'
  | 'method'
  | 'spelling'
  | 'internal'
  | 'link'
  | 'empty'
  | 'purge';

/** One question. */
export interface Case extends Leeway {
  readonly name: string;
  readonly topic: Topic;
  readonly asking: Asking;
  /** What must not come where the application is to answer. */
  readonly secrets: readonly (string | Buffer)[];
  /** It must be 304, although the middleware would not know the validator. */
  readonly notModified?: boolean;
}

/** Topics about what only an application behind the server can answer. */
export const forApplications: ReadonlySet<Topic> = new Set([
  ...(['query', 'cookie', 'authorization', 'header', 'method'] as const),
]);

/** Headers of frameworks, of proxies that log people in, and of caches, one of each family. */
const headers: readonly (readonly [name: string, value: string])[] = [
  ['x-original-url', '/'],
  ['x-rewrite-url', '/'],
  ['x-http-method-override', 'DELETE'],
  ['x-requested-with', 'XMLHttpRequest'],
  ['rsc', '1'],
  ['next-router-prefetch', '1'],
  ['hx-request', 'true'],
  ['turbo-frame', 'main'],
  ['x-pjax', 'true'],
  ['x-inertia', 'true'],
  ['x-forwarded-prefix', '/other'],
  ['x-prerender', '1'],
];

const credentials: readonly (readonly [name: string, value: string])[] = [
  ['authorization', 'Basic Y2hlY2s6Y2hlY2s='],
  ['x-api-key', 'check'],
  ['x-forwarded-user', 'check'],
  ['x-auth-request-user', 'check'],
];

function get(target: string, headers: Readonly<Record<string, string>> = {}): Asking {
  return { method: 'GET', target, headers };
}

/** Whatever is asked about pages that are there: they come as they are stored, in every form. */
export function pageCases({ pages }: Probe, own: Own): Case[] {
  const { target, secret } = pages.get('page')!;
  const about = { secrets: [secret] };
  const coding = (name: string, value: string): Case => ({
    ...about,
    name,
    topic: 'coding',
    asking: get(target, { 'accept-encoding': value }),
  });
  const range = (name: string, value: string, more: Readonly<Record<string, string>> = {}): Case => ({
    ...about,
    name,
    topic: 'range',
    wholeWillDo: true,
    asking: get(target, { range: value, ...more }),
  });
  return [
    ...[...pages].map(
      ([name, page]): Case => ({
        name: names[name],
        topic: name === 'private' ? name : name === 'folder' || name === 'below' ? 'conflict' : 'pages',
        asking: get(page.target),
        secrets: [page.secret],
      }),
    ),
    { ...about, name: 'HEAD', topic: 'head', asking: { method: 'HEAD', target, headers: {} } },
    coding('a client that takes gzip', 'gzip'),
    coding('a client that takes br', 'br'),
    coding('a client that takes gzip and br', 'gzip, deflate, br'),
    coding('a client that takes no coding', 'identity'),
    coding('a client that takes only what there is not', 'compress, identity;q=0'),
    coding('a client that refuses gzip', 'gzip;q=0, br;q=0'),
    ...conditionalCases(target, about, own),
    range('a part', 'bytes=0-9'),
    range('a part from the end', 'bytes=-7'),
    range('a part to the end', 'bytes=20-'),
    range('a part behind the end', 'bytes=99999999-'),
    ...(own.etag === undefined || own.etag.startsWith('W/')
      ? []
      : [{ ...range('a part of another version', 'bytes=0-9', { 'if-range': '"other"' }) }]),
    range('a part by date', 'bytes=0-9', { 'if-range': own.middleware.lastModified }),
  ];
}

const names = {
  page: 'a page',
  index: 'an index page',
  folder: 'a page whose folder exists too',
  below: 'a page in the folder of a page',
  encoded: 'a name with escapes',
  css: 'a style sheet',
  json: 'JSON',
  unknown: 'an extension that nobody knows',
  private: 'a page that only the middleware serves',
} as const;

/** The validators that clients have of the first page: from the server that is asked, and from the middleware. */
export interface Own {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  readonly middleware: { readonly etag: string; readonly lastModified: string };
}

function conditionalCases(target: string, about: Pick<Case, 'secrets'>, own: Own): Case[] {
  const { middleware } = own;
  const one = (name: string, fields: Readonly<Record<string, string>>, more: Partial<Case> = {}): Case => ({
    ...about,
    name,
    topic: 'conditional',
    asking: get(target, fields),
    ...more,
  });
  return [
    ...(own.etag === undefined
      ? []
      : [one('the ETag of this server', { 'if-none-match': own.etag }, { notModified: true })]),
    ...(own.lastModified === undefined
      ? []
      : [one('the date of this server', { 'if-modified-since': own.lastModified }, { notModified: true })]),
    ...(own.etag === undefined || own.lastModified === undefined
      ? []
      : [
          one(
            'the ETag and the date of this server',
            { 'if-none-match': own.etag, 'if-modified-since': own.lastModified },
            { notModified: true },
          ),
        ]),
    one(
      'the ETag and the date of the middleware',
      { 'if-none-match': middleware.etag, 'if-modified-since': middleware.lastModified },
      // Who does not know the tag gives the page once more.
      { wholeWillDo: own.etag !== middleware.etag },
    ),
    one('the date of the middleware', { 'if-modified-since': middleware.lastModified }),
    one('another ETag', { 'if-none-match': '"other"' }),
    one('an older date', { 'if-modified-since': 'Sun, 06 Nov 1994 08:49:37 GMT' }),
  ];
}

/** Whatever must get to the application, although the page is there. */
export function passCases({ pages, folder }: Probe, files: readonly InternalFile[]): Case[] {
  const { target, secret } = pages.get('page')!;
  const secrets = [...pages.values()].map((page) => page.secret);
  const one = (topic: Topic, name: string, asking: Asking): Case => ({ topic, name, asking, secrets });
  const fields = (topic: Topic, list: typeof headers) =>
    list.map(([name, value]) => one(topic, name, get(target, { [name]: value })));
  return [
    one('query', 'a query', get(`${target}?a=1`)),
    one('query', 'a ? with nothing behind it', get(`${target}?`)),
    one('cookie', 'a session cookie', get(target, { cookie: 'session=1' })),
    one('cookie', 'a session cookie among others', get(target, { cookie: '_ga=1; session=1' })),
    one('cookie', 'a cookie of analytics', get(target, { cookie: '_ga=GA1.1.1.1' })),
    ...fields('authorization', credentials),
    ...fields('header', headers),
    one('header', 'a GET with a body', { ...get(target), body: 'check' }),
    ...['POST', 'PUT', 'DELETE', 'OPTIONS'].map((method) =>
      one('method', method, {
        method,
        target,
        headers: {},
        ...(method === 'OPTIONS' ? {} : { body: 'a=1' }),
      }),
    ),
    ...spellings(target, folder).map((spelt) => one('spelling', spelt, get(spelt))),
    ...files.map(({ target, content }): Case => {
      return { topic: 'internal', name: target, asking: get(target), secrets: [secret, ...content] };
    }),
  ];
}

/** A name that no page has, and what is in the file of that name. */
export interface InternalFile {
  readonly target: string;
  readonly content: readonly (string | Buffer)[];
}

/** Other spellings of the path of a page, which some servers take for it. */
function spellings(target: string, folder: string): string[] {
  const rest = target.slice(folder.length + 1);
  const [first, ...others] = rest;
  const escaped = `%${first!.charCodeAt(0).toString(16)}`;
  return [
    `/${target}`,
    `${folder}//${rest}`,
    `${folder}/./${rest}`,
    `${folder}/x/../${rest}`,
    `${folder}/x/%2e%2e/${rest}`,
    `${folder}/x/%2E./${rest}`,
    `${folder}%2f${rest}`,
    `${folder}%2F${rest}`,
    `${folder}%5c${rest}`,
    `${folder}\\${rest}`,
    `${folder}/${escaped}${others.join('')}`,
    `${folder}/%25${escaped.slice(1)}${others.join('')}`,
    `${folder}/%252e%252e${target}`,
    `${folder}/x/..%2f${rest}`,
    `${folder}/${rest}%00`,
    `${folder}/${rest}%00.html`,
    `${folder}/${rest}%ff`,
    `${folder}/${rest}%20`,
    `${folder}/${rest}#a`,
    rest.endsWith('/') ? target.slice(0, -1) : `${target}/`,
    target.toUpperCase().replace(/^\/PAGETREE/, '/pagetree'),
  ];
}
