/** The options of the purge endpoint, judged once. */
import { type PageCache, PagetreeError } from '@pagetree/core';

/** What a purge endpoint is made from. */
export interface PurgeHandlerOptions {
  /**
   * The secret that a client shows as `Authorization: Bearer ...`: at least 32 letters, digits or `-._~+/`, and `=` at the
   * end. Keep it out of the source: `process.env.PURGE_TOKEN`.
   */
  readonly token: string | undefined;
  /** The cache that is purged: `pageCache(...).cache`. */
  readonly cache: PageCache;
  /** How many requests with the right token are taken a minute; more get 429. @default 60 */
  readonly perMinute?: number;
  /** How many requests without the right token are told so a minute; more get 429. They never hold up the right one. @default 10 */
  readonly failuresPerMinute?: number;
}

/** `PurgeHandlerOptions` that can be used. */
export type ResolvedPurgeOptions = Required<Omit<PurgeHandlerOptions, 'token'>> & { readonly token: string };

const LEAST = 32;
/** Fewer are not chance: `aaaa...`, `12341234...`. */
const LEAST_DIFFERENT = 8;

/**
 * Judges the options and fills in the defaults.
 *
 * @throws PagetreeError ERR_PAGETREE_OPTION that names the option, and never shows the token.
 */
export function resolvePurgeOptions(options: PurgeHandlerOptions): ResolvedPurgeOptions {
  const { cache, perMinute = 60, failuresPerMinute = 10 } = options;
  const token = tokenOf(options.token);
  if (typeof cache?.purge !== 'function') {
    throw new PagetreeError('ERR_PAGETREE_OPTION', 'cache: expected a page cache, but got something else.', {
      hint: 'Pass the cache of the middleware: const pages = pageCache(...); purgeHandler({ token, cache: pages.cache }).',
    });
  }
  return {
    token,
    cache,
    perMinute: rate('perMinute', perMinute),
    failuresPerMinute: rate('failuresPerMinute', failuresPerMinute),
  };
}

function tokenOf(token: unknown): string {
  const came = faultOf(token);
  if (came === undefined) return token as string;
  throw new PagetreeError(
    'ERR_PAGETREE_OPTION',
    `token: expected a secret of at least ${LEAST} letters, digits or -._~+/, but got ${came}.`,
    {
      hint: `Make one with node -p "require('node:crypto').randomBytes(32).toString('base64url')", and pass it by the environment.`,
    },
  );
}

function faultOf(token: unknown): string | undefined {
  if (token === undefined || token === '') return 'none';
  if (typeof token !== 'string') return `a ${typeof token}`;
  // RFC 6750, 2.1: nothing else can be sent as a bearer token.
  if (!/^[A-Za-z0-9._~+/-]+=*$/.test(token)) return 'one with other characters';
  if (token.length < LEAST) return `one of ${token.length}`;
  const different = new Set(token).size;
  return different < LEAST_DIFFERENT ? `one of only ${different} different ones` : undefined;
}

function rate(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1 && value <= 1_000_000) return value;
  throw new PagetreeError(
    'ERR_PAGETREE_OPTION',
    `${option}: expected a whole number of requests from 1 to 1000000, but got ${String(value)}.`,
  );
}
