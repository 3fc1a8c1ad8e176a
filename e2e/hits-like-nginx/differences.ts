/** In what hits differ from nginx, and why they should. Everything else is the same. */
import type { Aspect, Compared } from './compare.ts';

/** One difference. */
export interface Difference {
  readonly because: string;
  readonly aspects: readonly Aspect[];
  /** Which answers it is about. */
  readonly when: (compared: Compared) => boolean;
}

/** An answer of another kind differs in all of these. */
export const everything: readonly Aspect[] = [
  'status',
  'body',
  'content-type',
  'content-length',
  'content-range',
  'accept-ranges',
  'etag',
  'last-modified',
  'vary',
  'content-encoding',
];

export function said({ asked }: Compared, name: string): string | undefined {
  return asked.fields.find(([field]) => field === name)?.[1];
}

/** Whether a field has one of our dates, or another one in the form that RFC 9110, 5.6.7 prefers, which exists. */
function isDate(text: string): boolean {
  if (/^(?:DATE|EARLIER|LATER)$/.test(text)) return true;
  return new Date(Date.parse(text)).toUTCString() === text;
}

function hasDate(compared: Compared, name: string): boolean {
  const text = said(compared, name);
  return text === undefined || isDate(text);
}

const PART = /^(?:(\d+)-(\d*)|-(\d+))$/;

/** The parts of a `Range` by the grammar (RFC 9110, 14.1.2), `undefined` when it follows none. Empty ones may be in the list. */
function partsOf(compared: Compared): readonly RegExpExecArray[] | undefined {
  const range = said(compared, 'Range') ?? '';
  if (!/^bytes=/i.test(range)) return undefined;
  const list = range.slice('bytes='.length).split(',');
  const parts = list
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => PART.exec(part));
  const isWrong = (part: RegExpExecArray | null): boolean =>
    part === null || (part[1] !== undefined && part[2] !== '' && BigInt(part[2]!) < BigInt(part[1]));
  return parts.length === 0 || parts.some(isWrong) ? undefined : (parts as RegExpExecArray[]);
}

/** Parts that overlap, or are in another order than in the page. A part from the end is behind all others. */
function isShuffled(parts: readonly RegExpExecArray[], size: number): boolean {
  const spans = parts.map(([, first, last, suffix]) =>
    suffix === undefined
      ? [Number(first), last === '' ? size - 1 : Math.min(Number(last), size - 1)]
      : [Math.max(0, size - Number(suffix)), size - 1],
  );
  const inside = spans.filter(([from]) => from! < size);
  return inside.some(([from], at) => at > 0 && from! <= inside[at - 1]![1]!);
}

const LIMIT = 2n ** 63n;

function isGzip({ nginx }: Compared): boolean {
  return nginx.headers['content-encoding'] === 'gzip';
}

/** nginx looks at a range in its way, and we find that there is none. */
function isRangeForNginxAlone({ nginx, node }: Compared): boolean {
  return [206, 416].includes(nginx.status) && node.status === 200;
}

export const differences: Readonly<Record<string, Difference>> = {
  'Accept-Ranges beside a part, and beside 304': {
    because:
      'nginx says it with a whole page only; RFC 9110, 14.3 lets it be said always, and a 304 repeats what the 200 says',
    aspects: ['accept-ranges'],
    when: ({ nginx, node }) => nginx.status === node.status && [206, 304].includes(node.status),
  },
  'an error without a page about it': {
    because: 'nginx adds a page of HTML with its own name in it, which has nothing to do with the site',
    aspects: ['content-type', 'content-length', 'body', 'vary'],
    when: ({ nginx, node }) => nginx.status === node.status && [412, 416].includes(node.status),
  },
  'Vary before there is a variant': {
    because: 'a variant may come at any time, and a cache nearer to the client must know it before',
    aspects: ['vary'],
    when: ({ asked, node }) => asked.page === '/tiny' && node.headers.vary === 'Accept-Encoding',
  },
  'ranges of a variant': {
    because:
      'nginx answers a range of a file that gzip_static found with all of it; we give the part that was asked for',
    aspects: everything,
    when: (one) => isGzip(one) && partsOf(one) !== undefined && [206, 416].includes(one.node.status),
  },
  'Accept-Ranges of a variant': {
    because: 'nginx has no ranges of files that gzip_static found, and we have',
    aspects: ['accept-ranges'],
    when: (one) => isGzip(one) && one.node.headers['accept-ranges'] === 'bytes',
  },
  'a list with an entity tag that is none': {
    because:
      'RFC 9110, 8.8.3 has no spaces in a tag: what cannot be read matches nothing, where nginx looks for text',
    aspects: everything,
    when: (one) => /with, comma/.test(`${said(one, 'If-None-Match')} ${said(one, 'If-Match')}`),
  },
  'If-Modified-Since with more behind the date': {
    because: 'RFC 9110, 13.1.3: what is no date must be ignored; nginx reads the beginning of it',
    aspects: everything,
    when: (one) => one.nginx.status === 304 && one.node.status !== 304 && !hasDate(one, 'If-Modified-Since'),
  },
  'If-Unmodified-Since with something that is no date': {
    because: 'RFC 9110, 13.1.4: what is no date must be ignored; nginx takes it for a date before all pages',
    aspects: everything,
    when: (one) =>
      one.nginx.status === 412 && one.node.status !== 412 && !hasDate(one, 'If-Unmodified-Since'),
  },
  'If-Match beside If-Unmodified-Since': {
    because:
      'RFC 9110, 13.1.4: the date must be ignored beside a tag, which says more; nginx wants both to hold',
    aspects: everything,
    when: (one) =>
      said(one, 'If-Match') !== undefined &&
      said(one, 'If-Unmodified-Since') !== undefined &&
      one.nginx.status === 412 &&
      one.node.status !== 412,
  },
  'If-None-Match beside If-Modified-Since': {
    because:
      'RFC 9110, 13.1.3: the date must be ignored beside a tag, which says more; nginx wants both to hold',
    aspects: everything,
    when: (one) =>
      said(one, 'If-None-Match') !== undefined &&
      said(one, 'If-Modified-Since') !== undefined &&
      one.node.status === 304 &&
      one.nginx.status !== 304,
  },
  'Accept-Encoding in two lines': {
    because: 'RFC 9110, 5.3: lines of one name are one list; nginx reads the first',
    aspects: everything,
    when: ({ asked, nginx, node }) =>
      asked.fields.filter(([name]) => name === 'Accept-Encoding').length === 2 &&
      nginx.headers['content-encoding'] !== node.headers['content-encoding'],
  },
  'a HEAD for a range': {
    because: 'RFC 9110, 14.2: Range means something with GET only, and must be ignored with other methods',
    aspects: everything,
    when: (one) =>
      one.asked.method === 'HEAD' && said(one, 'Range') !== undefined && isRangeForNginxAlone(one),
  },
  'a Range that follows no grammar': {
    because:
      'RFC 9110, 14.2: a field that cannot be read may be ignored, and the client has asked for the page; nginx says 416, or reads on',
    aspects: everything,
    when: (one) => partsOf(one) === undefined && isRangeForNginxAlone(one),
  },
  'a Range with an empty part in its list': {
    because: 'RFC 9110, 5.6.1.2: empty elements of a list are to be passed over; nginx says 416',
    aspects: everything,
    when: (one) =>
      /=,|,,|,$/.test(said(one, 'Range') ?? '') && one.nginx.status === 416 && one.node.status === 206,
  },
  'a Range with a number of more than 63 bits': {
    because: 'RFC 9110, 14.1.2: an end behind the end of the page means the end of the page; nginx says 416',
    aspects: everything,
    when: (one) =>
      (said(one, 'Range')?.match(/\d+/g) ?? []).some((digits) => BigInt(digits) >= LIMIT) &&
      one.nginx.status === 416 &&
      one.node.status === 206,
  },
  'more than sixteen ranges': {
    because:
      'RFC 9110, 14.2 and 17.15 warn of many small ranges: they get the page; nginx has max_ranges for that, without a limit by itself',
    aspects: everything,
    when: (one) => (partsOf(one)?.length ?? 0) > 16 && isRangeForNginxAlone(one),
  },
  'ranges of a large page that overlap, or are out of order': {
    because:
      'a large page is read once from front to back, and RFC 9110, 14.2 lets such a request be answered with the page',
    aspects: everything,
    when: (one) =>
      one.asked.page === '/large' &&
      isShuffled(partsOf(one) ?? [], Number(one.node.headers['content-length'])) &&
      isRangeForNginxAlone(one),
  },
  'what a client would rather have': {
    because: 'RFC 9110, 12.5.3: weights are compared; nginx gives gzip to everybody who takes it at all',
    aspects: everything,
    when: (one) =>
      said(one, 'Accept-Encoding') === 'identity;q=1, gzip;q=0.5' &&
      isGzip(one) &&
      one.node.headers['content-encoding'] === undefined,
  },
  'a client that takes any coding': {
    because: 'RFC 9110, 12.5.3: `*` stands for gzip too; nginx looks for the word',
    aspects: everything,
    when: (one) => said(one, 'Accept-Encoding')?.includes('*') === true && !isGzip(one),
  },
};
