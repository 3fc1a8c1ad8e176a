/**
 * Why a request did not touch the cache, or why a response was not stored: every reason there is.
 * `docs/reasons.md` is made from this list, `Cache-Status` and all reports use its names.
 */
interface ReasonText {
  readonly name: string;
  /** `bypass`: the request does not touch the cache. `refused`: the response is not stored. */
  readonly kind: 'bypass' | 'refused';
  /** What was found, one sentence. */
  readonly what: string;
  /** What the owner of the site can do about it, one sentence. */
  readonly fix: string;
  /** Where the rule comes from. */
  readonly source?: string;
}

const list = [
  // The target: from key/target.ts and key/place.ts
  {
    name: 'target-form',
    kind: 'bypass',
    what: 'The request target is not a path that starts with `/`.',
    fix: 'Nothing: proxies and `OPTIONS *` send such targets.',
    source: 'RFC 9112, 3.2',
  },
  {
    name: 'query',
    kind: 'bypass',
    what: 'The target has a `?`.',
    fix: 'Give pages that should be cached a path without a query string.',
    source: 'wsgi_cache',
  },
  {
    name: 'fragment',
    kind: 'bypass',
    what: 'The target has a `#`.',
    fix: 'Nothing: no browser sends one.',
    source: 'RFC 9112, 3.2.1',
  },
  {
    name: 'bad-escape',
    kind: 'bypass',
    what: 'A `%` is not followed by two hexadecimal digits.',
    fix: 'Write a percent sign in a path as `%25`.',
    source: 'RFC 3986, 2.1',
  },
  {
    name: 'bad-utf8',
    kind: 'bypass',
    what: 'The escapes of a segment are not UTF-8, or are U+FFFD, which stands for what was not.',
    fix: 'Encode paths as UTF-8.',
    source: 'RFC 3629',
  },
  {
    name: 'control-byte',
    kind: 'bypass',
    what: 'The path has a control character, a line separator or a change of writing direction, plain or escaped.',
    fix: 'Nothing: no site needs one.',
    source: 'RFC 3986, 7.3',
  },
  {
    name: 'illegal-character',
    kind: 'bypass',
    what: 'A character that a path must escape stands there plain.',
    fix: 'Link to the escaped form, for example `%20` for a space.',
    source: 'RFC 3986, 3.3',
  },
  {
    name: 'odd-spelling',
    kind: 'bypass',
    what: 'A character is escaped that stands plain in the one accepted spelling, or an escape has lower-case digits.',
    fix: 'Link to the plain form: `~` and not `%7E`, `@` and not `%40`, `%C3%A9` and not `%c3%a9`.',
    source: 'RFC 3986, 6.2.2',
  },
  {
    name: 'double-escape',
    kind: 'bypass',
    what: 'The decoded path could be decoded once more.',
    fix: 'Do not encode a path twice.',
    source: 'RFC 3986, 2.4',
  },
  {
    name: 'encoded-slash',
    kind: 'bypass',
    what: 'A segment has an escaped slash.',
    fix: 'Use another separator in names.',
    source: 'RFC 3986, 2.2',
  },
  {
    name: 'backslash',
    kind: 'bypass',
    what: 'A segment has a backslash, plain or escaped.',
    fix: 'Use another separator in names.',
  },
  {
    name: 'empty-segment',
    kind: 'bypass',
    what: 'The path has two slashes in a row.',
    fix: 'Link to the path with single slashes.',
  },
  {
    name: 'dot-segment',
    kind: 'bypass',
    what: 'A segment is `.` or `..`.',
    fix: 'Link to the resolved path.',
    source: 'RFC 3986, 5.2.4',
  },
  {
    name: 'hidden-segment',
    kind: 'bypass',
    what: 'A segment starts with a dot and is not a leading `.well-known`.',
    fix: 'Give the page another name: servers hide such files.',
    source: 'RFC 8615',
  },
  {
    name: 'reserved-name',
    kind: 'bypass',
    what: 'A segment is a name that the tree keeps for itself.',
    fix: 'Give the page another name, or set `directoryIndex` or `pageFile`.',
  },
  {
    name: 'executable-name',
    kind: 'bypass',
    what: 'A segment has an extension, the last or another, that web servers execute.',
    fix: 'Give the page a path without that extension.',
  },
  {
    name: 'windows-name',
    kind: 'bypass',
    what: 'Windows cannot have a file of that name, or takes it for another one.',
    fix: 'Give the page another name, or keep the tree on another system.',
  },
  {
    name: 'name-too-long',
    kind: 'bypass',
    what: 'A segment is longer than a file name may be.',
    fix: 'Use names of at most 246 bytes.',
    source: 'POSIX NAME_MAX',
  },
  {
    name: 'path-too-long',
    kind: 'bypass',
    what: 'The place is longer than a path may be.',
    fix: 'Use shorter paths, or a cache folder with a shorter name.',
    source: 'POSIX PATH_MAX',
  },
  {
    name: 'trailing-slash',
    kind: 'bypass',
    what: 'This layout has no place for the path with, or without, a trailing slash.',
    fix: 'Link to the other form, or set `trailingSlash`, or use the layout `mirror`.',
  },
  {
    name: 'no-place',
    kind: 'bypass',
    what: 'The layout, which is not one of Pagetree’s own, has no place for the path, or gave one that cannot be used.',
    fix: 'Nothing, where the layout means it; else mend the layout: `checkLayout` of `@pagetree/core/testing` says what is wrong with it.',
  },
  {
    name: 'name-folds',
    kind: 'refused',
    what: 'The file system folds letters, and the page would share a file with another one.',
    fix: 'Keep the tree on a file system that tells upper case from lower case.',
  },
  // The request: from policy/request-rules.ts
  {
    name: 'method',
    kind: 'bypass',
    what: 'The method is neither GET nor HEAD.',
    fix: 'Nothing: only GET is stored.',
    source: 'RFC 9111, 4',
  },
  {
    name: 'authorization',
    kind: 'bypass',
    what: 'The request has credentials, or came over TLS with a certificate of the client.',
    fix: 'Nothing: such pages are private.',
    source: 'RFC 9111, 3.5',
  },
  {
    name: 'range',
    kind: 'bypass',
    what: 'The request asks for a part of a page that is not stored.',
    fix: 'Nothing: the next whole request stores it.',
    source: 'RFC 9110, 14.2',
  },
  {
    name: 'request-body',
    kind: 'bypass',
    what: 'The GET has a body.',
    fix: 'Send data in a POST.',
    source: 'RFC 9110, 9.3.1',
  },
  {
    name: 'host',
    kind: 'bypass',
    what: 'The host is not one of `hosts`.',
    fix: 'Add the name to `hosts` if it is this site; give another site another tree.',
    source: 'RFC 9110, 7.2',
  },
  {
    name: 'forwarded-host',
    kind: 'bypass',
    what: 'The forwarded host is another one than the host.',
    fix: 'List the names of the site in `hosts`.',
  },
  {
    name: 'routing-header',
    kind: 'bypass',
    what: 'A header asks the application for something else under the same URL.',
    fix: 'Nothing: partial responses of frameworks are not pages.',
  },
  {
    name: 'accept',
    kind: 'bypass',
    what: 'The client does not accept the type of this place, or names JSON and wants it more than HTML.',
    fix: 'Give every representation a path of its own. What is JSON for everybody can have a rule in `types`: `{"/api": "application/json"}`.',
    source: 'RFC 9110, 12.5.1',
  },
  {
    name: 'connection-header',
    kind: 'bypass',
    what: '`Connection` names an end-to-end header.',
    fix: 'Nothing: it is an attack or a broken client.',
    source: 'RFC 9110, 7.6.1',
  },
  {
    name: 'cookie',
    kind: 'bypass',
    what: 'The request has a cookie that may change the page.',
    fix: 'Add the name to `ignoreCookies` if pages do not depend on it.',
  },
  {
    name: 'outside-cache-paths',
    kind: 'bypass',
    what: 'The path is not below one of `cachePaths`.',
    fix: 'Add its prefix to `cachePaths`.',
  },
  {
    name: 'excluded-path',
    kind: 'bypass',
    what: 'The path is below one of `excludePaths`.',
    fix: 'Remove its prefix from `excludePaths`.',
  },
  {
    name: 'warmer',
    kind: 'bypass',
    what: 'cache-warm asks for a fresh render with the token of the tree.',
    fix: 'Nothing: cache-warm stores the page itself.',
  },
  {
    name: 'upgrade',
    kind: 'bypass',
    what: 'The request asks for another protocol.',
    fix: 'Nothing.',
    source: 'RFC 9110, 7.8',
  },
  // The response: from policy/response-rules.ts and fill.ts
  {
    name: 'status',
    kind: 'refused',
    what: 'The status is not 200.',
    fix: 'Nothing: only a 200 is stored.',
    source: 'RFC 9111, 3',
  },
  {
    name: 'set-cookie',
    kind: 'refused',
    what: 'The response sets a cookie.',
    fix: 'Do not start a session on public pages.',
    source: 'RFC 9111, 7.3',
  },
  {
    name: 'cache-control',
    kind: 'refused',
    what: '`Cache-Control` or `Pragma` forbids to store the response or to use it unasked.',
    fix: 'Send another `Cache-Control` on pages that are the same for all.',
    source: 'RFC 9111, 5.2.2',
  },
  {
    name: 'vary',
    kind: 'refused',
    what: 'The page depends on request headers other than `Accept-Encoding`.',
    fix: 'Give every representation a path of its own, or do not send `Vary` there.',
    source: 'RFC 9111, 4.1',
  },
  {
    name: 'partial-content',
    kind: 'refused',
    what: 'The response is a part of a page.',
    fix: 'Nothing.',
    source: 'RFC 9110, 14.4',
  },
  {
    name: 'unfinished',
    kind: 'refused',
    what: 'The response did not end cleanly.',
    fix: 'Look for an error or a timeout of the application.',
    source: 'RFC 9111, 3.3',
  },
  {
    name: 'no-length',
    kind: 'refused',
    what: 'Only the end of the connection marks the end of the body, so that half a page looks whole.',
    fix: 'Let the origin send `Content-Length` or chunks.',
    source: 'RFC 9112, 6.3',
  },
  {
    name: 'length-mismatch',
    kind: 'refused',
    what: 'The body is not as long as `Content-Length` says.',
    fix: 'Mend the length, or do not send it.',
    source: 'RFC 9110, 8.6',
  },
  {
    name: 'empty-body',
    kind: 'refused',
    what: 'The body is empty; an empty file is a miss.',
    fix: 'Nothing.',
    source: 'wsgi_cache',
  },
  {
    name: 'endless',
    kind: 'refused',
    what: 'The response is of a type that goes on for as long as the client stays: `text/event-stream` or `multipart/x-mixed-replace`.',
    fix: 'Nothing: it is no page.',
    source: 'HTML, 9.2',
  },
  {
    name: 'trailers',
    kind: 'refused',
    what: 'The response has trailers, which a file cannot keep.',
    fix: 'Send them as headers.',
    source: 'RFC 9110, 6.5',
  },
  {
    name: 'too-large',
    kind: 'refused',
    what: 'The body is over `maxPageSize`.',
    fix: 'Raise `maxPageSize`.',
  },
  {
    name: 'encoding',
    kind: 'refused',
    what: 'The body has a content coding that cannot be decoded, or is damaged.',
    fix: 'Use gzip, br or deflate, or none.',
    source: 'RFC 9110, 8.4',
  },
  {
    name: 'type-mismatch',
    kind: 'refused',
    what: 'The media type is not the one that a web server would give this name, and the page may not be kept for the middleware alone: `privatePages` is off, or the client asked for this type more than for the other.',
    fix: 'Add a rule to `types`, or give the page the extension of its type.',
  },
  {
    name: 'lost-headers',
    kind: 'refused',
    what: 'A front-end server would not send some headers of the page (`fidelity: strict`), and the page may not be kept for the middleware alone (`privatePages` is off).',
    fix: 'Let the front-end server add the headers to all pages, or turn `privatePages` on.',
  },
  {
    name: 'charset',
    kind: 'refused',
    what: 'The text is not declared as UTF-8.',
    fix: 'Send `charset=utf-8`.',
  },
  {
    name: 'not-utf8',
    kind: 'refused',
    what: 'The text has no charset and is not valid UTF-8.',
    fix: 'Send UTF-8.',
    source: 'RFC 3629',
  },
  {
    name: 'too-many-headers',
    kind: 'refused',
    what: 'The response has more headers to replay, or more tags, than are kept with a page.',
    fix: 'Send at most 64 of them with 16 KiB in all, and at most 1000 tags with 8 KiB in all.',
  },
  {
    name: 'should-store',
    kind: 'refused',
    what: 'The hook `shouldStore` said no.',
    fix: 'Change the hook if that is not what you want.',
  },
  {
    name: 'hook-error',
    kind: 'refused',
    what: 'The hook `shouldStore` threw.',
    fix: 'Mend the hook; the event `error` has what it threw.',
  },
  // The fill: from fill.ts and store/
  {
    name: 'busy',
    kind: 'refused',
    what: 'Somebody else is storing this page right now.',
    fix: 'Nothing: nobody waits.',
  },
  {
    name: 'fenced',
    kind: 'refused',
    what: 'A purge took the permission to store away while the page was made.',
    fix: 'Nothing: the next request stores a newer one.',
  },
  {
    name: 'too-slow',
    kind: 'refused',
    what: 'The response had not ended after `fillTimeout`; its client goes on getting it.',
    fix: 'Raise `fillTimeout` where pages take that long; nothing for a stream that is meant to stay open.',
  },
  {
    name: 'path-conflict',
    kind: 'refused',
    what: 'A file stands where a folder is needed, or the other way round.',
    fix: 'Give the two pages paths that do not nest.',
  },
  {
    name: 'too-busy',
    kind: 'refused',
    what: 'More pages are missed than the server can store beside answering.',
    fix: 'Nothing: a later request stores the page. Fill the tree ahead of time with `cache-warm`, or raise `maxFills` where the application is slow.',
  },
  {
    name: 'overrun',
    kind: 'refused',
    what: 'The disk could not keep up with the response.',
    fix: 'Raise `maxPending`, or use a faster disk.',
  },
  {
    name: 'disk-error',
    kind: 'refused',
    what: 'The file system failed.',
    fix: 'The event `error` has the cause: full disk, no permission, ...',
  },
  {
    name: 'paused',
    kind: 'refused',
    what: 'Writing is paused after repeated failures of the file system.',
    fix: 'Mend the cause that the event `error` told.',
  },
  {
    name: 'tree-full',
    kind: 'refused',
    what: 'The tree has as many pages or bytes as `maxEntries` or `maxBytes` allow, or would have more with the page.',
    fix: "Purge pages, raise the bound, or set `whenFull: 'evict'`.",
  },
  {
    name: 'read-only',
    kind: 'refused',
    what: 'The tree cannot be written by this process.',
    fix: 'Nothing, if that is meant; else give the user the right to write.',
  },
  {
    name: 'closed',
    kind: 'refused',
    what: 'The cache is closed.',
    fix: 'Nothing: the process is going down.',
  },
] as const satisfies readonly ReasonText[];

/** Every reason, in the order of the documentation. */
export const reasons: readonly ReasonText[] = list;

/** The name of a reason. */
export type Reason = (typeof list)[number]['name'];

const byName = new Map<string, ReasonText>(list.map((reason) => [reason.name, reason]));

/** What a reason means and what to do about it. */
export function explain(reason: Reason): ReasonText {
  return byName.get(reason)!;
}
