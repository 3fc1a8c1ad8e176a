/**
 * In what a page that a server takes from the tree differs from the same page from the middleware, server by server, and why.
 * Everything else is the same. What a server does otherwise here, it does with every file.
 */
import type { Compared } from '../hits-like-nginx/compare.ts';
import { type Difference, everything, differences as ofNginx, said } from '../hits-like-nginx/differences.ts';
import type { Kind } from './servers.ts';

type Differences = Readonly<Record<string, Difference>>;

// What a server answers stands where the answer of nginx does.
const isFromNode = ({ nginx }: Compared): boolean => nginx.headers['cache-status'] === 'pagetree; hit';
const isFromTree = (one: Compared): boolean =>
  !isFromNode(one) && one.nginx.headers['cache-status']?.endsWith('; hit') === true;
const statuses = ({ nginx, node }: Compared): string => `${nginx.status}/${node.status}`;
const range = (one: Compared): string => said(one, 'Range') ?? '';
/** Both answer with all of the page, a part of it, or that there is none. */
const isAboutRanges = ({ nginx, node }: Compared): boolean =>
  [nginx.status, node.status].every((status) => [200, 206, 416].includes(status));

/** Some that nginx has with any configuration. */
function likeNginx(...names: readonly string[]): Differences {
  return Object.fromEntries(names.map((name) => [name, ofNginx[name]!]));
}

const ofAll: Differences = {
  ...likeNginx('a HEAD for a range'),
  'an error with a page about it': {
    because: 'each server adds a text of its own to an error, and says of it what it says of a page',
    aspects: everything.filter((aspect) => aspect !== 'status'),
    when: ({ nginx, node }) => nginx.status === node.status && [412, 416].includes(node.status),
  },
};

const nginx: Differences = {
  ...ofAll,
  ...likeNginx(
    'Accept-Ranges beside a part, and beside 304',
    'a list with an entity tag that is none',
    'If-Modified-Since with more behind the date',
    'If-Unmodified-Since with something that is no date',
    'If-Match beside If-Unmodified-Since',
    'If-None-Match beside If-Modified-Since',
    'Accept-Encoding in two lines',
    'a Range that follows no grammar',
    'a Range with an empty part in its list',
    'a Range with a number of more than 63 bits',
    'more than sixteen ranges',
    'ranges of a large page that overlap, or are out of order',
  ),
};

const ofOthers: Differences = {
  'If-Modified-Since with a later date': {
    because:
      'RFC 9110, 13.1.3 lets a later date count; the middleware and nginx take only the one of the page',
    aspects: everything,
    when: (one) =>
      statuses(one) === '304/200' && /^(?:LATER|.* 2994 .*)$/.test(said(one, 'If-Modified-Since') ?? ''),
  },
  'a Range of no bytes from the end': {
    because: 'RFC 9110, 14.1.2: it cannot be satisfied; Apache passes it by, and Caddy sends no byte',
    aspects: everything,
    when: (one) => range(one) === 'bytes=-0' && isAboutRanges(one),
  },
};

const apache: Differences = {
  ...ofAll,
  ...ofOthers,
  ...likeNginx('If-Modified-Since with more behind the date'),
  'no entity tag': {
    because: 'entity tags of Apache are of another kind than those of Node, so that it is told to send none',
    aspects: ['etag'],
    when: isFromTree,
  },
  'several ranges': {
    because: 'Apache joins ranges that touch, says less in front of each, and sends the page for some',
    aspects: everything,
    when: (one) => range(one).includes(',') && isAboutRanges(one),
  },
  'a Range that cannot be read': {
    because: 'RFC 9110, 14.2: it may be passed by, as Apache does with a blank and with more than 63 bits',
    aspects: everything,
    when: (one) => /^bytes= |\d{19}/.test(range(one)) && one.nginx.status === 200 && isAboutRanges(one),
  },
  'a 304 that says more': {
    because: 'RFC 9110, 15.4.5 asks for no coding in a 304, and forbids none',
    aspects: ['content-encoding'],
    when: (one) => statuses(one) === '304/304',
  },
  'a compressor of its own': {
    because: 'the Apache of Debian compresses what the application sends plainly (mod_deflate)',
    aspects: ['content-length', 'content-encoding', 'etag', 'body'],
    when: (one) => isFromNode(one) && one.nginx.headers['content-encoding'] === 'gzip',
  },
};

const caddy: Differences = {
  ...ofAll,
  ...ofOthers,
  ...likeNginx(
    'Accept-Encoding in two lines',
    'a Range that follows no grammar',
    'a Range with a number of more than 63 bits',
  ),
  'entity tags of its own': {
    because: 'Caddy makes them of the time in nanoseconds and the size; the middleware knows both kinds',
    aspects: ['etag'],
    when: isFromTree,
  },
  'variants without their length': {
    because: 'Caddy sends a file that it found compressed in chunks',
    aspects: ['content-length'],
    when: (one) => isFromTree(one) && one.node.headers['content-encoding'] !== undefined,
  },
  'a 304 that says less': {
    because: 'RFC 9110, 15.4.5 asks for no more than the entity tag, where there is one',
    aspects: ['accept-ranges', 'last-modified'],
    when: (one) => statuses(one) === '304/304',
  },
  'a condition that is empty': {
    because: 'Caddy takes an empty If-Match or If-Range for none; what has no tag in it matches nothing here',
    aspects: everything,
    when: (one) => isFromTree(one) && ['If-Match', 'If-Range'].some((name) => said(one, name)?.trim() === ''),
  },
};

export const differences: Readonly<Record<Kind['name'], Differences>> = { nginx, apache, caddy };
