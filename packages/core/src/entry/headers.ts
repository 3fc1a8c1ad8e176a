/** Which header fields are kept with a page and replayed on a hit. */
import type { HeaderMap } from '../contracts.ts';

/** Header fields in order; a name may come again. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/**
 * The fields that a hit replays: what belongs to the page and is the same for everyone.
 *
 * Not here, because a hit has its own: `etag`, `last-modified`, `content-type`, `content-length`,
 * `content-encoding`, `accept-ranges`, `vary`, `cache-control`, `cache-status`, `age`, `date`.
 * Not here, because they are for us: `cache-tag`, `surrogate-key`; meta keeps the tags themselves.
 * Not here, because they belong to one message or one client: `set-cookie`, `connection` and its kind,
 * `server-timing`, `x-request-id`, `expires` (a date that would pass), `content-digest` (of one coding).
 *
 * A `content-security-policy` with a nonce is kept, and the page is kept with the same nonce. Both fit, but the
 * nonce is then known to everyone: a policy of hashes is the one for pages that are cached.
 */
export const replayableNames: ReadonlySet<string> = new Set([
  // Of the content
  ...['content-language', 'content-disposition', 'link', 'x-robots-tag', 'sourcemap', 'x-sourcemap'],
  ...['refresh', 'deprecation', 'sunset'],
  // What the browser may do with the page
  ...['content-security-policy', 'content-security-policy-report-only', 'permissions-policy'],
  ...['permissions-policy-report-only', 'feature-policy', 'referrer-policy', 'document-policy'],
  ...['document-policy-report-only', 'require-document-policy', 'integrity-policy'],
  ...['integrity-policy-report-only', 'x-content-type-options', 'x-frame-options', 'x-xss-protection'],
  ...['x-download-options', 'x-permitted-cross-domain-policies', 'x-dns-prefetch-control'],
  ...['strict-transport-security', 'origin-agent-cluster', 'document-isolation-policy'],
  ...['cross-origin-embedder-policy', 'cross-origin-embedder-policy-report-only'],
  ...['cross-origin-opener-policy', 'cross-origin-opener-policy-report-only', 'cross-origin-resource-policy'],
  ...['access-control-allow-origin', 'access-control-expose-headers', 'timing-allow-origin'],
  ...['service-worker-allowed', 'speculation-rules', 'supports-loading-mode', 'origin-trial', 'accept-ch'],
  ...['critical-ch', 'no-vary-search'],
  // Where the browser reports to
  ...['reporting-endpoints', 'report-to', 'nel'],
  // For caches between here and the browser
  ...['surrogate-control', 'cdn-cache-control'],
]);

/** How many fields are kept with a page. */
const maxFields = 64;
/** How many bytes their names and values may have together. */
const maxFieldBytes = 16_384;

const illegalInValue = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Whether a field may be replayed. Meta is judged by this again when it is read, so that a file that somebody
 * edited cannot bring in a `set-cookie`, or a line break.
 */
export function isReplayable(name: string, value: string): boolean {
  if (!replayableNames.has(name) || illegalInValue.test(value)) return false;
  // A single origin was the answer to one client; for the others it is wrong (Fetch standard, 3.3.5).
  return name !== 'access-control-allow-origin' || value === '*';
}

/**
 * The fields of a response that are kept with the page.
 *
 * @returns `undefined` when there are more than a page keeps. To drop some would be worse: one of them may
 * be the security policy.
 */
export function replayable(headers: HeaderMap): HeaderPairs | undefined {
  const kept: (readonly [string, string])[] = [];
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !replayableNames.has(name)) continue;
    for (const line of Array.isArray(value) ? value : [String(value)]) {
      if (!isReplayable(name, line)) continue;
      kept.push([name, line]);
      bytes += name.length + line.length;
    }
  }
  return kept.length > maxFields || bytes > maxFieldBytes ? undefined : kept;
}

/**
 * The names of what a front-end server would not send with a page: it sends what the name of the page says, and the same
 * `Cache-Control` for every page of a prefix.
 *
 * @param rule the `Cache-Control` that the manifest has for the page; without one a server says `no-cache`.
 */
export function lostBehindServers(
  headers: HeaderPairs,
  cacheControl: string | undefined,
  rule: string | undefined,
): string[] {
  const names = new Set(headers.map(([name]) => name));
  if (rule === undefined && cacheControl !== undefined && cacheControl !== 'no-cache')
    names.add('cache-control');
  return [...names];
}
