/** Tags of a page: names by which many pages are purged at once. */
import type { HeaderMap } from '../contracts.ts';
import { PagetreeError } from '../errors.ts';
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

/** Whether a text can be a tag of a page: one that is empty, or has what separates tags, is never found in a header. */
export function isTag(text: string): boolean {
  return text !== '' && !separators.test(text);
}

/**
 * Judges a tag that pages are asked for by: one that no page can have would be purged without a word, and nothing with it.
 *
 * @throws PagetreeError `ERR_PAGETREE_PATH` when no page can have it.
 */
export function checkTag(tag: string): void {
  if (isTag(tag)) return;
  throw new PagetreeError(
    'ERR_PAGETREE_PATH',
    `tag: ${JSON.stringify(tag)} is not one tag: it has a blank or a comma in it.`,
    {
      hint: 'Blanks and commas separate the tags in a header. Name one tag at a time, and send tags without them: post-42.',
    },
  );
}
