import { Router } from 'express';
import { respell } from '../address.js';
import { createSearch } from '../search.js';
import { browserPage, browsersPage } from '../views/browsers.js';
import { featurePage } from '../views/feature.js';
import { highlightsOf, homePage } from '../views/home.js';
import { searchPage } from '../views/search.js';
import { sectionPage } from '../views/section.js';

/** The pages made from the data: each one rendered anew for each request. */
export function pageRoutes(compat) {
  const router = Router({ strict: true, caseSensitive: true });
  const search = createSearch(compat);
  const [latest] = highlightsOf(compat);
  const send = (res, page) => res.type('html').send(`${page}`);

  router.get('/', (_req, res) => send(res, homePage(compat)));
  router.get('/browsers/', (_req, res) => send(res, browsersPage(compat)));
  router.get('/browsers/:id', (req, res, next) => {
    const browser = compat.browsers.get(req.params.id);
    if (!browser) return next();
    send(res, browserPage(browser, compat));
  });
  router.get('/search', (req, res) => {
    // `?q=a&q=b` is a list, `?q[x]=` an object; the search box sends neither.
    const query = typeof req.query.q === 'string' ? req.query.q.trim().slice(0, 200) : '';
    send(res, searchPage(query, search(query), compat));
  });
  router.get('/latest', (_req, res) => res.redirect(302, latest?.path ?? '/'));

  router.use((req, res, next) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return next();
    const found = resolve(compat, req.path);
    if (!found) return next();
    if (found.path !== req.path) return res.redirect(301, found.path);
    if (found.json) return res.json({ id: found.feature.id, ...found.feature.compat });
    send(res, found.feature.compat ? featurePage(found.feature, compat) : sectionPage(found.feature, compat));
  });
  return router;
}

/**
 * What a path stands for. A second spelling of it (escapes that are not needed, a slash too many or too few)
 * finds the same, with the one path it should have.
 * @returns {{ feature: import('../data.js').Feature, path: string, json: boolean } | undefined}
 */
function resolve(compat, asked) {
  const path = respell(asked);
  if (path === undefined) return undefined;
  const slashed = path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
  const page = compat.features.get(path) ?? compat.features.get(slashed);
  if (page) return { feature: page, path: page.path, json: false };
  if (!path.endsWith('.json')) return undefined;
  const feature = compat.features.get(path.slice(0, -'.json'.length));
  return feature?.compat && { feature, path, json: true };
}
