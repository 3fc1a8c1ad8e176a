/** Trees to ask for, filled as cache-warm fills them. */
import { createPageCache } from '@pagetree/core';

/** The targets of the pages. */
export const targetsOf = (pages) =>
  Array.from({ length: pages }, (_, index) => `/section-${index % 20}/page-${index}`);

/** Text that shrinks as pages do, of exactly so many bytes. */
function bodyOf(index, size) {
  const words = [];
  let length = 0;
  for (let at = index; length < size; at = (at * 1103515245 + 12345) & 0x7fffffff) {
    const word = `<p>${at.toString(36)} a page of the site</p>\n`;
    words.push(word);
    length += word.length;
  }
  return Buffer.from(words.join('').slice(0, size));
}

/** Fills a new tree with pages of one size. */
export async function fillTree(cacheDir, { pages, size, variants = false }) {
  const cache = createPageCache({ cacheDir, io: 'direct', durability: 'none', variants });
  for (const [index, target] of targetsOf(pages).entries()) {
    const { ticket } = await cache.lookup({ method: 'GET', target, headers: {} });
    const fill = ticket.begin({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    fill.write(bodyOf(index, size));
    const { kind } = await fill.commit();
    if (kind !== 'stored') throw new Error(`${target} was ${kind}`);
  }
  await cache.close();
}
