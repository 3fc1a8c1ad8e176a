import { afterAll, beforeAll, expect, test } from 'vitest';
import { compat } from '../data.js';
import { htmlPaths, jsonPaths } from '../paths.js';
import { createSite } from '../site.js';
import { serve, textOf } from './running.ts';

let site: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  site = await serve(createSite());
});
afterAll(() => site.close());

const PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>\n';
const NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"';

/** The addresses in a sitemap that is written exactly as sitemaps.org describes it. */
async function locsOf(path: string, root: string, item: string) {
  const response = await site.get(path);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/xml; charset=utf-8');
  const xml = await response.text();
  const head = `${PROLOGUE}<${root} ${NAMESPACE}>\n`;
  expect(xml.startsWith(head)).toBe(true);
  expect(xml.endsWith(`</${root}>\n`)).toBe(true);
  const lines = xml.slice(head.length, -`</${root}>\n`.length).split('\n').slice(0, -1);
  const line = new RegExp(`^<${item}><loc>((?:[^<>&"']|&(?:amp|lt|gt|quot|#39);)+)</loc></${item}>$`);
  return lines.map((text) => {
    const loc = textOf(line.exec(text)?.[1] ?? `not a line of a sitemap: ${text}`);
    expect(loc.startsWith(`${site.origin}/`)).toBe(true);
    return loc.slice(site.origin.length);
  });
}

test('robots.txt names the sitemap index of the host that was asked', async () => {
  const body = await (await site.get('/robots.txt')).text();
  expect(body).toContain(`\nSitemap: ${site.origin}/sitemap.xml\n`);
});

test('the sitemaps of the index name every page, once', async () => {
  const maps = await locsOf('/sitemap.xml', 'sitemapindex', 'sitemap');
  expect(maps).toEqual(
    expect.arrayContaining([
      '/sitemaps/json.xml',
      ...compat.sections.map(({ key }) => `/sitemaps/${key}.xml`),
    ]),
  );
  const html: string[] = [];
  const json: string[] = [];
  for (const map of maps) {
    const paths = await locsOf(map, 'urlset', 'url');
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.length).toBeLessThanOrEqual(50_000);
    (map === '/sitemaps/json.xml' ? json : html).push(...paths);
  }
  expect(html.sort()).toEqual([...htmlPaths()].sort());
  expect(json.sort()).toEqual([...jsonPaths()].sort());
});
