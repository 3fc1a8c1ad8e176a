/** Tags of a page: names by which many pages are purged at once. */
import type { HeaderMap } from '../contracts.ts';
import { combined } from './fields.ts';

/** Headers that carry tags: of Fastly, of Cloudflare, of Akamai, of Varnish. Blanks and commas separate in all of them. */
const tagHeaders: readonly string[] = ['surrogate-key', 'cache-tag', 'edge-cache-tag', 'xkey'];

/** How many tags a page may have, and how many bytes they may have together. More is a mistake of the application. */
const maxTags = 1000;
const maxTagBytes = 8192;

const separators = /[\s,]+/;

/**
 * The tags of a response, each once, in the order they stand there.
 *
 * @param known tags that it has already; they come first.
 * @returns `undefined` when there are too many: a page that lost some of its tags would survive a purge by tag.
 */
export function tagsOf(headers: HeaderMap, known: readonly string[] = []): readonly string[] | undefined {
  const found = new Set(known);
  for (const name of tagHeaders) {
    const text = combined(headers[name]);
    if (text === undefined) continue;
    for (const tag of text.split(separators)) if (tag !== '') found.add(tag);
  }
  const tags = [...found];
  return tags.length > maxTags || tags.join('').length > maxTagBytes ? undefined : tags;
}
