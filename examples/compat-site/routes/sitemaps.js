import { Router } from 'express';
import { jsonPaths, sectionPages, sitePages } from '../paths.js';
import { escapeText } from '../views/html.js';

/** A sitemap names at most so many URLs (sitemaps.org). */
const LIMIT = 50_000;
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i;

/** `/robots.txt`, the sitemap index it names, and the sitemaps: absolute URLs, on the host that was asked. */
export function sitemapRoutes(compat) {
  const router = Router({ strict: true, caseSensitive: true });
  const sitemaps = sitemapsOf(compat);

  router.use(['/robots.txt', '/sitemap.xml', '/sitemaps'], (req, res, next) => {
    const host = req.get('host') ?? '';
    if (!HOST.test(host)) return res.status(400).type('text').send('The Host header names no host.\n');
    res.locals.origin = `${req.protocol}://${host}`;
    next();
  });

  router.get('/robots.txt', (_req, res) => {
    const { origin } = res.locals;
    res
      .type('text')
      .send(
        `User-agent: *\nDisallow: /search\nDisallow: /hello\nDisallow: /private\nDisallow: /account\n\nSitemap: ${origin}/sitemap.xml\n`,
      );
  });

  router.get('/sitemap.xml', (_req, res) => {
    const entries = [...sitemaps.keys()].map((name) => `/sitemaps/${name}.xml`);
    res.type('application/xml').send(document('sitemapindex', 'sitemap', res.locals.origin, entries));
  });

  router.get('/sitemaps/:name.xml', (req, res, next) => {
    const paths = sitemaps.get(req.params.name);
    if (!paths) return next();
    res.type('application/xml').send(document('urlset', 'url', res.locals.origin, paths));
  });

  return router;
}

/** Names and paths of the sitemaps: one for the site's own pages, one a section, one for the JSON. */
function sitemapsOf(compat) {
  const sources = [
    ['site', sitePages(compat)],
    ...compat.sections.map((section) => [`${section.key}`, sectionPages(section)]),
    ['json', jsonPaths(compat)],
  ];
  const sitemaps = new Map();
  for (const [name, source] of sources) {
    const paths = [...source];
    for (let part = 0; part * LIMIT < paths.length; part++) {
      const suffix = part === 0 ? '' : `-${part + 1}`;
      sitemaps.set(`${name}${suffix}`, paths.slice(part * LIMIT, (part + 1) * LIMIT));
    }
  }
  return sitemaps;
}

function document(root, item, origin, paths) {
  const lines = paths.map((path) => `<${item}><loc>${escapeText(origin + path)}</loc></${item}>\n`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${lines.join('')}</${root}>\n`;
}
