/** Trees for these tests, made by the real store, and their output made steady. */
import { createPageCache } from '@pagetree/core';

/** A page to store: its path, its body and its tags. */
export interface Sample {
  readonly path: string;
  readonly body?: string;
  readonly type?: string;
  readonly tags?: string;
  /** The headers of a page alone, which a web server in front would not send. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What most tests look at. */
export const samples: readonly Sample[] = [
  { path: '/', tags: 'front, news' },
  { path: '/about' },
  { path: '/blog', tags: 'news' },
  { path: '/blog/' },
  { path: '/blog/a', tags: 'news' },
  { path: '/blog/b/c' },
  { path: '/caf%C3%A9' },
  { path: '/style.css', body: 'p { color: red }\n'.repeat(100), type: 'text/css' },
];

/** The same without any header that a web server in front would not send, and pages that it must not see. */
export const plain: readonly Sample[] = [
  ...samples.map((sample) => ({ ...sample, headers: {} })),
  { path: '/feed', type: 'application/rss+xml' },
  { path: '/atom', type: 'application/atom+xml' },
];

/** Stores pages as an application would, at this time of the wall clock. */
export async function storeAll(
  cacheDir: string,
  pages: readonly Sample[] = samples,
  now: () => number = Date.now,
): Promise<void> {
  const cache = createPageCache({ cacheDir, variants: ['gzip', 'br'] }, { wall: now });
  for (const sample of pages) {
    const { path, body, type = 'text/html; charset=utf-8', tags, headers: own } = sample;
    const found = await cache.lookup({ method: 'GET', target: path, headers: {} });
    if (found.kind !== 'miss' || found.ticket === undefined) throw new Error(`no ticket for ${path}`);
    const headers = {
      'content-type': type,
      ...(own ?? { 'content-language': 'en' }),
      ...(tags === undefined ? {} : { 'cache-tag': tags }),
    };
    const fill = found.ticket.begin({ status: 200, headers })!;
    fill.write(Buffer.from(body ?? `<p>the page ${path}</p>\n`.repeat(100)));
    const outcome = await fill.commit();
    if (outcome.kind !== 'stored') throw new Error(`${path}: ${outcome.reason}`);
  }
  await cache.close();
}

/** Output without what differs from run to run: folders, ages, times, validators and sizes of compressed files. */
export function steady(text: string, cacheDir: string): string {
  return text
    .replaceAll(cacheDir, '<cacheDir>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>')
    .replace(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT/g, '<date>')
    .replace(/"[0-9a-f]+-[0-9a-f]+"/g, '<etag>')
    .replace(/pagetree\/\d+\.\d+\.\d+ \S+ \S+/g, 'pagetree/<version>')
    .replace(/ {2,}\b\d+[smhd](?= {2})/g, (age) => 'N_'.padStart(age.length))
    .replace(/\b\d+[smhd] ago/g, '<age> ago')
    .replace(/\b(oldest|newest) \d+[smhd]/g, '$1 <age>');
}
