/** Judges a request before the tree is asked: its place, its type, and whether it touches the cache. */
import { timingSafeEqual } from 'node:crypto';
import type { Bypass, PageRequest, Place } from '../contracts.ts';
import { compilePrefixes } from '../key/scope.ts';
import type { Mapping } from '../mapping.ts';
import type { ResolvedOptions } from '../options.ts';
import { compileRequestPolicy, type RequestPolicy } from '../policy/decide.ts';
import type { Reason } from '../policy/reasons.ts';
import type { PlaceType } from '../policy/types.ts';
import { suits } from '../reader.ts';

/** The header in which cache-warm shows the tree's token, so that the middleware steps aside for it. */
export const TOKEN_HEADER = 'pagetree-token';

/** A request that may be looked up. */
export interface Judged {
  readonly kind: 'judged';
  readonly place: Place;
  readonly type: PlaceType;
}

/** A request that does not touch the cache, and its place if it has one. */
export type Passed = Bypass & { readonly place: Place | undefined };

/** The judge of one cache. */
export class Judge {
  readonly policy: RequestPolicy;
  readonly #mapping: Mapping;
  readonly #token: Buffer | undefined;

  /** @param token what cache-warm shows; `undefined` when this user may not read it. */
  constructor(options: ResolvedOptions, mapping: Mapping, token: string | undefined) {
    this.policy = compileRequestPolicy({
      hosts: options.hosts,
      cookies: options.cookies,
      ignoreCookies: options.ignoreCookies,
      isInside: compilePrefixes(options.cachePaths),
      isExcluded: compilePrefixes(options.excludePaths),
    });
    this.#mapping = mapping;
    this.#token = token === undefined ? undefined : Buffer.from(token);
  }

  /**
   * The place of a request and its type, or why the request does not touch the cache.
   *
   * @param refresh the page is to be made anew, so that who shows the token does not bypass.
   */
  judge(request: PageRequest, refresh: boolean): Judged | Passed {
    const place = this.#mapping.placeOf(request.target);
    if (place.kind === 'bypass') return { ...place, place: undefined };
    const type = this.#mapping.typeOf(place);
    const reason = this.reasonToPass(request, place.key, type.mediaType, refresh);
    return reason === undefined ? { kind: 'judged', place, type } : { kind: 'bypass', reason, place };
  }

  /** Why a request does not touch the cache, when the page of its key is of a type. */
  reasonToPass(request: PageRequest, key: string, mediaType: string, refresh: boolean): Reason | undefined {
    const reason = this.policy(request, key, mediaType);
    return reason === undefined && !refresh && this.#isWarmer(request) ? 'warmer' : reason;
  }

  /** Whether a client would have a page of a type, where the name of the page may say another one. */
  suitsPlace(request: PageRequest, mediaType: string): boolean {
    const place = this.#mapping.placeOfKey(request.target);
    return place !== undefined && suits(request, mediaType, this.#mapping.typeOf(place).mediaType);
  }

  #isWarmer(request: PageRequest): boolean {
    const shown = request.headers[TOKEN_HEADER];
    if (typeof shown !== 'string' || this.#token === undefined) return false;
    const bytes = Buffer.from(shown);
    return bytes.length === this.#token.length && timingSafeEqual(bytes, this.#token);
  }
}
