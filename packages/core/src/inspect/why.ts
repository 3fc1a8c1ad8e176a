/** Explains one target: what the mapping and the rules make of it, and what the tree has. */
import type { Coding, PageRequest, Place, Writer } from '../contracts.ts';
import { lostBehindServers } from '../entry/headers.ts';
import type { Meta } from '../entry/meta.ts';
import type { Mapping } from '../mapping.ts';
import type { RequestPolicy } from '../policy/decide.ts';
import type { Reason } from '../policy/reasons.ts';
import { ownType } from '../policy/types.ts';
import { type Area, fileIn } from '../store/area.ts';
import type { Io } from '../store/io.ts';
import type { Tree } from '../store/open.ts';
import { type OpenFile, openPlace, readMeta } from '../store/read.ts';
import { isOfTime, variantSuffixes } from '../store/tree.ts';

/** Why a target is or is not cached. */
export interface Why {
  readonly target: string;
  readonly key: string | undefined;
  /** Where its page is, or would be, relative to the tree. */
  readonly place: string | undefined;
  /** The full `Content-Type` of that place. */
  readonly contentType: string | undefined;
  /** The `Cache-Control` that a hit sends. */
  readonly cacheControl: string | undefined;
  /** The rule that keeps the request away from the cache. */
  readonly bypass: Reason | undefined;
  /** The page that is stored; `undefined` when there is none. */
  readonly stored: StoredFacts | undefined;
}

/** What is known of a stored page. */
export interface StoredFacts {
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  /** When and by whom it was stored, in milliseconds since 1970; `undefined` when it was put there by hand or its meta is lost. */
  readonly at: number | undefined;
  readonly by: Writer | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly tags: readonly string[];
  /** Those of this very version: what is left of another one is not served. */
  readonly variants: readonly { readonly coding: Coding; readonly bytes: number }[];
  /** Variants that were made of this version and are not there: the page is served, but in more bytes. */
  readonly missing: readonly Coding[];
  /** Only the middleware serves it, no front-end server. */
  readonly isPrivate: boolean;
  /** The headers that a front-end server does not send with it. */
  readonly lost: readonly string[];
}

interface WhyContext {
  readonly io: Io;
  readonly tree: Tree;
  readonly areas: readonly Area[];
  readonly mapping: Mapping;
  readonly policy: RequestPolicy;
}

/** Explains a request. */
export async function explainTarget(context: WhyContext, request: PageRequest): Promise<Why> {
  const { io, mapping, policy } = context;
  const place = mapping.placeOf(request.target);
  if (place.kind === 'bypass') {
    return {
      target: request.target,
      key: undefined,
      place: undefined,
      contentType: undefined,
      cacheControl: undefined,
      bypass: place.reason,
      stored: undefined,
    };
  }
  const { key } = place;
  const rule = mapping.cacheControlOf(key);
  const found = await findStored(context, place);
  const type = (found?.area.isHidden && ownType(found.meta!.contentType!)) || mapping.typeOf(place);
  const why = {
    target: request.target,
    key,
    contentType: type.full,
    bypass: policy(request, key, type.mediaType),
  };
  if (!found) return { ...why, place: place.path, cacheControl: rule, stored: undefined };
  const { area, file, meta } = found;
  const variants: { coding: Coding; bytes: number }[] = [];
  const missing: Coding[] = [];
  for (const [name, suffix] of Object.entries(variantSuffixes)) {
    const coding = name as Coding;
    const facts = await io.peek(fileIn(area, file.path + suffix));
    if (facts?.kind === 'file' && isOfTime(facts, file)) variants.push({ coding, bytes: facts.size });
    else if (meta?.variants?.includes(suffix)) missing.push(coding);
  }
  const headers = meta?.headers ?? [];
  return {
    ...why,
    place: area.pagesAt + file.path,
    cacheControl: rule ?? meta?.cacheControl ?? 'no-cache',
    stored: {
      bytes: file.size,
      mtimeMs: file.mtimeMs,
      at: meta?.storedAt,
      by: meta?.by,
      headers,
      tags: meta?.tags ?? [],
      variants,
      missing,
      isPrivate: area.isHidden,
      lost: area.isHidden ? [] : lostBehindServers(headers, meta?.cacheControl, rule),
    },
  };
}

/** The page of a place and its meta, in the area where it is. */
async function findStored(
  { io, tree, areas }: WhyContext,
  place: Place,
): Promise<{ area: Area; file: OpenFile; meta: Meta | undefined } | undefined> {
  for (const area of areas) {
    const file = await openPlace(io, { ...area.tree, folds: tree.folds }, area.placeOf(place));
    if (!file) continue;
    await io.close(file.fd);
    const meta = await readMeta(io, area.tree, place.key, file);
    if (!area.isHidden || (meta?.contentType !== undefined && ownType(meta.contentType)))
      return { area, file, meta };
  }
  return undefined;
}
