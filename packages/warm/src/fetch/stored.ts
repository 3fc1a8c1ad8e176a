/** The page that is stored already: what the origin is asked about it, and whether a response is the same page. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type HeaderMap, type Page, refusedByHead } from '@pagetree/core';
import { isReplayable, parseMediaType, sameType } from '@pagetree/core/rules';
import { isHiddenPlace, metaFileOf } from '../tree/meta-file.ts';

/** What is known of a stored page. */
export interface StoredPage {
  readonly place: string;
  readonly size: number;
  /** Modification time in milliseconds since 1970; with the place it tells one version from the next. */
  readonly mtimeMs: number;
  /** When it was stored, in milliseconds since 1970; by hand: when the file was written. */
  readonly at: number;
  /** The middleware or cache-warm stored it, so that its time and headers are those of a response. */
  readonly ours: boolean;
  readonly headers: Page['headers'];
  readonly contentType: string;
  /** What the application said of it. */
  readonly etag: string | undefined;
  readonly cacheControl: string | undefined;
  readonly tags: readonly string[];
}

/** Notes what is known of an open page. */
export function storedPage(page: Page, cacheDir: string): StoredPage {
  const { place, size, mtimeMs, stored, headers, contentType } = page;
  const said = stored === undefined ? {} : readSaid(cacheDir, place, size);
  return {
    ...{ place, size, mtimeMs, headers, contentType },
    at: stored?.at ?? mtimeMs,
    ours: stored !== undefined,
    etag: text(said.etag),
    cacheControl: text(said.cacheControl),
    tags: Array.isArray(said.tags) ? said.tags.map(String) : [],
  };
}

interface Said {
  readonly etag?: unknown;
  readonly cacheControl?: unknown;
  readonly tags?: unknown;
}

/** Reads what meta keeps and a page does not tell (DESIGN, 2). Advice: without it the whole page is asked for. */
function readSaid(cacheDir: string, place: string, size: number): Said {
  try {
    const meta = JSON.parse(readFileSync(metaFileOf(cacheDir, place), 'utf8')) as Said & { size?: unknown };
    return meta.size === size ? meta : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\x20-\x7e]+$/.test(value) ? value : undefined;
}

/**
 * The header fields that ask for a page only if it changed (RFC 9110, 13.1.2 and 13.1.3). The time of a page is
 * the `Last-Modified` that the application sent with it; one that sent none passes the question by.
 */
export function conditionOf({ ours, etag, mtimeMs }: StoredPage): Record<string, string> {
  if (!ours) return {};
  if (etag !== undefined) return { 'if-none-match': etag };
  return { 'if-modified-since': new Date(Math.floor(mtimeMs / 1000) * 1000).toUTCString() };
}

/** Whether the fields that are kept with a page are the same in a response. */
export function hasSameFields({ headers }: { headers: HeaderMap }, stored: StoredPage): boolean {
  if (!stored.ours || !hasSameType([headers['content-type'] ?? []].flat(), stored)) return false;
  const kept = new Map<string, string[]>();
  for (const [name, value] of stored.headers) kept.set(name, [...(kept.get(name) ?? []), value]);
  for (const [name, values] of kept) {
    if ([headers[name] ?? []].flat().join('\n') !== values.join('\n')) return false;
  }
  const added = Object.entries(headers).some(
    ([name, value]) => !kept.has(name) && [value ?? []].flat().some((line) => isReplayable(name, line)),
  );
  return !added && cacheControlOf(headers) === stored.cacheControl && hasSameTags(tagsOf(headers), stored);
}

/**
 * Whether a 304 says something else than what is stored: its fields take the place of those (RFC 9111, 4.3.4). Fields that it
 * does not have stay as they are.
 *
 * @param listed Tags that a source gives the page.
 */
export function updatesFields(
  headers: HeaderMap,
  stored: StoredPage,
  listed: readonly string[] = [],
): boolean {
  if (refusedByHead({ status: 200, headers }) !== undefined) return true;
  const cacheControl = cacheControlOf(headers);
  if (cacheControl !== undefined && cacheControl !== stored.cacheControl) return true;
  const tags = tagsOf(headers);
  return tags.length > 0 && !hasSameTags([...new Set([...tags, ...listed])], stored);
}

function cacheControlOf(headers: HeaderMap): string | undefined {
  return headers['cache-control'] && [headers['cache-control']].flat().join(', ');
}

function hasSameTags(tags: readonly string[], stored: StoredPage): boolean {
  return [...tags].sort().join() === [...stored.tags].sort().join();
}

/** A page for the middleware alone is sent with the very type that it came with; a public one with that of its place, in UTF-8. */
function hasSameType([said, another]: readonly string[], { place, contentType }: StoredPage): boolean {
  if (said === undefined || another !== undefined) return false;
  if (isHiddenPlace(place)) return said === contentType;
  const [found, kept] = [parseMediaType(said), parseMediaType(contentType)];
  if (found === undefined || kept === undefined) return false;
  return sameType(kept.mediaType, found.mediaType) && utf8.has(found.charset);
}

const utf8: ReadonlySet<string | undefined> = new Set([undefined, 'utf-8', 'utf8', 'us-ascii']);

const tagFields = ['surrogate-key', 'cache-tag', 'edge-cache-tag', 'xkey'];

/** The tags of a response, each once. */
export function tagsOf(headers: HeaderMap): string[] {
  const all = tagFields.flatMap((name) =>
    [headers[name] ?? []]
      .flat()
      .join(',')
      .split(/[\s,]+/),
  );
  return [...new Set(all)].filter((tag) => tag !== '');
}

/** A digest over the body of a page, to be compared with `newDigest`. */
export async function digestOf(page: Page): Promise<string | undefined> {
  const body = await page.body();
  if (body === undefined) return undefined;
  const digest = newDigest();
  for await (const chunk of body.stream()) digest.update(chunk as Uint8Array);
  return digest.digest('hex');
}

/** The digest that bodies are compared by. */
export function newDigest() {
  return createHash('sha256');
}
