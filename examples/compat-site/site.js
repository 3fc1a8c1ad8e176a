import { readFileSync } from 'node:fs';
import express from 'express';
import { compat as installed } from './data.js';
import { pageRoutes } from './routes/pages.js';
import { personalRoutes } from './routes/personal.js';
import { sitemapRoutes } from './routes/sitemaps.js';
import { html } from './views/html.js';
import { noticePage } from './views/notice.js';

const STYLES = ['base', 'parts', 'table'];

/**
 * The site as an Express app.
 * @param {object} [options]
 * @param {import('express').RequestHandler[]} [options.use] middleware that comes before every route
 * @param {import('./data.js').Compat} [options.compat] the data to show. @default the installed package's
 * @returns {import('express').Express}
 * @example createSite({ use: [pageCache({ cacheDir: './cache' })] }).listen(3000)
 */
export function createSite({ use = [], compat = installed } = {}) {
  const app = express();
  app.disable('x-powered-by');
  app.enable('strict routing');
  app.enable('case sensitive routing');
  for (const middleware of use) app.use(middleware);

  const style = STYLES.map((name) =>
    readFileSync(new URL(`styles/${name}.css`, import.meta.url), 'utf8'),
  ).join('');
  app.get('/style.css', (_req, res) => res.type('css').send(style));
  app.use(sitemapRoutes(compat));
  app.use(personalRoutes(compat));
  app.use(pageRoutes(compat));

  app.use((req, res) => {
    const known = req.method === 'GET' || req.method === 'HEAD';
    if (!known) res.set('Allow', 'GET, HEAD');
    const notice = known
      ? {
          code: 404,
          heading: 'Not on the map',
          text: html`There is no page at <code>${req.path}</code>.`,
          search: true,
        }
      : { code: 405, heading: 'Read only', text: 'This site only answers GET and HEAD.' };
    res
      .status(notice.code)
      .type('html')
      .send(`${noticePage({ ...notice, path: req.path, version: compat.version })}`);
  });
  // Express knows an error handler by its four parameters.
  app.use((error, req, res, next) => {
    if (res.headersSent) return next(error);
    const code = error.status >= 400 && error.status < 500 ? error.status : 500;
    if (code === 500) console.error(error);
    const notice = { code, heading: 'That went wrong', text: 'The page could not be made.' };
    res
      .status(code)
      .type('html')
      .send(`${noticePage({ ...notice, path: req.path, version: compat.version })}`);
  });
  return app;
}
