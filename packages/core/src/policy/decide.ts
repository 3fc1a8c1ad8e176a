/** The two questions that the rest of Pagetree asks: may this request use the cache, may this response be stored. */
import type { HeaderMap, PageRequest, ResponseHead } from '../contracts.ts';
import { parseEntityTag, parseHttpDate } from '../entry/conditional.ts';
import { type HeaderPairs, lostBehindServers, replayable } from '../entry/headers.ts';
import { preference, readAccept } from './accept.ts';
import { compileCookieRule } from './cookies.ts';
import { combined, lines, single } from './fields.ts';
import { readAuthority } from './hosts.ts';
import type { Reason } from './reasons.ts';
import { remember } from './remember.ts';
import { judgeRequest } from './request-rules.ts';
import {
  type Decoding,
  type Refusal,
  readCodings,
  readLength,
  readType,
  refusal,
  refusedByHead,
} from './response-rules.ts';
import { tagsOf } from './tags.ts';
import { ownType, type PlaceType } from './types.ts';

/** The options that decide about requests. */
export interface RequestPolicyOptions {
  readonly hosts?: readonly string[] | undefined;
  readonly cookies?: 'bypass' | 'ignore';
  readonly ignoreCookies?: readonly string[];
  /** Whether a key is below one of `cachePaths`. @default every key */
  readonly isInside?: (key: string) => boolean;
  /** Whether a key is below one of `excludePaths`. @default no key */
  readonly isExcluded?: (key: string) => boolean;
}

/** Why a request does not touch the cache; `undefined`: it may be looked up. */
export type RequestPolicy = (request: PageRequest, key: string, mediaType: string) => Reason | undefined;

/**
 * Resolves everything that does not change from request to request.
 *
 * @throws PagetreeError `ERR_PAGETREE_OPTION` when a name in `ignoreCookies` cannot be one.
 */
export function compileRequestPolicy(options: RequestPolicyOptions = {}): RequestPolicy {
  const hosts = options.hosts && new Set(options.hosts.map((name) => name.toLowerCase()));
  const isInside = options.isInside ?? (() => true);
  const isExcluded = options.isExcluded ?? (() => false);
  const areIgnorable = compileCookieRule(options.cookies ?? 'bypass', options.ignoreCookies ?? []);
  const fixed = {
    hosts,
    isInside,
    isExcluded,
    areIgnorable,
    readHost: remember(readAuthority),
    readAcceptance: remember(readAccept),
  };
  return (request, key, mediaType) => judgeRequest(request, key, mediaType, fixed);
}

/** What decides about a response beside its head. */
export interface ResponseContext {
  readonly request: PageRequest;
  /** The type of the place. */
  readonly type: PlaceType;
  /** In bytes, after decoding. */
  readonly maxPageSize: number;
  /** Whether this runtime can decode zstd. */
  readonly zstd: boolean;
  /** `strict`: what a front-end server would not send with the page keeps it from being public. @default 'loose' */
  readonly fidelity?: 'loose' | 'strict';
  /** Pages that cannot be public are stored where only the middleware serves them. `false`: they are refused. @default false */
  readonly hides?: boolean;
  /** The `Cache-Control` that the manifest has for the place. */
  readonly cacheControlRule?: string | undefined;
  /** The hook of the options. */
  readonly shouldStore?: ((request: PageRequest, response: ResponseHead) => boolean) | undefined;
}

/** The response may be stored: what the fill must do with the body, and what meta keeps. */
export interface StoreDecision {
  readonly kind: 'store';
  /** The type of a page that is hidden from front-end servers; `undefined`: the page is public and has the type of its place. */
  readonly hiddenAs: PlaceType | undefined;
  /** Codings to undo, in this order. */
  readonly codings: readonly Decoding[];
  /** How many bytes the application said it sends, before they are decoded. */
  readonly contentLength: number | undefined;
  /** Store it only if the decoded bytes are UTF-8. */
  readonly validateUtf8: boolean;
  /** The fields that a hit replays. */
  readonly headers: HeaderPairs;
  readonly cacheControl: string | undefined;
  /** The entity tag of the application, for revalidation with it. */
  readonly etag: string | undefined;
  /** In milliseconds since 1970. */
  readonly lastModified: number | undefined;
  readonly tags: readonly string[];
}

/** The response is not stored. `error`: what the hook threw. */
export type RefuseDecision = Refusal & { readonly error?: Error };

/** More than any browser was ever told; together with the bounds of headers and tags it bounds the meta of a page. */
const maxCacheControl = 1024;

/** Judges the head of a response. Never throws. */
export function decideResponse(head: ResponseHead, context: ResponseContext): StoreDecision | RefuseDecision {
  const found = refusedByHead(head);
  if (found !== undefined) return found;
  const { headers } = head;
  const type = readType(headers, context.type);
  const own = 'reason' in type && context.hides === true ? hiddenType(headers, context) : undefined;
  if ('reason' in type && own === undefined) return type;
  const codings = readCodings(headers, context.zstd);
  if ('reason' in codings) return codings;
  const contentLength = readLength(headers, codings.length > 0, context.maxPageSize);
  if (typeof contentLength === 'object') return contentLength;
  const kept = replayable(headers);
  const tags = tagsOf(headers);
  const cacheControl = combined(headers['cache-control']);
  if (kept === undefined) return refusal('too-many-headers', 'headers');
  if (tags === undefined) return refusal('too-many-headers', 'tags');
  if (cacheControl !== undefined && cacheControl.length > maxCacheControl) {
    return refusal('too-many-headers', 'cache-control');
  }
  const lost =
    context.fidelity === 'strict' ? lostBehindServers(kept, cacheControl, context.cacheControlRule) : [];
  if (lost.length > 0 && context.hides !== true) return refusal('lost-headers', lost.join(', '));
  return (
    askHook(head, context) ?? {
      kind: 'store',
      hiddenAs: own ?? (lost.length > 0 ? context.type : undefined),
      codings,
      contentLength,
      validateUtf8: 'validateUtf8' in type && type.validateUtf8,
      headers: kept,
      cacheControl,
      etag: parseEntityTag(single(headers.etag)),
      lastModified: parseHttpDate(single(headers['last-modified'])),
      tags,
    }
  );
}

/**
 * The type of a response whose place says another one. Not of one that the client preferred: an application that chooses by
 * `Accept` and forgets to say so in `Vary` would give it to everybody.
 */
function hiddenType(headers: HeaderMap, { request, type }: ResponseContext): PlaceType | undefined {
  const [said, ...more] = lines(headers['content-type']);
  const own = said === undefined || more.length > 0 ? undefined : ownType(said);
  const wanted = own && preference(combined(request.headers.accept), own.mediaType, type.mediaType);
  return wanted !== undefined && wanted <= 0 ? own : undefined;
}

/**
 * Asks `shouldStore` last, so that it only sees what could be stored. Anything but a boolean counts as a
 * failure: the promise of an async hook would always mean yes.
 */
function askHook(head: ResponseHead, context: ResponseContext): RefuseDecision | undefined {
  if (context.shouldStore === undefined) return undefined;
  try {
    const answer: unknown = context.shouldStore(context.request, head);
    if (answer === true) return undefined;
    if (answer === false) return refusal('should-store', 'shouldStore said no');
    // Nobody else waits for it, and a rejection that nobody handles ends the process.
    Promise.resolve(answer).catch(() => {});
    throw new TypeError('shouldStore must return true or false');
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error('shouldStore threw', { cause: thrown });
    return { ...refusal('hook-error', 'shouldStore threw'), error };
  }
}
