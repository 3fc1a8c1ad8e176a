import { serve } from '@hono/node-server';
import { pageCache, purgeHandler } from '@pagetree/middleware/hono';
import { Hono } from 'hono';

const { PORT = '3000', PURGE_TOKEN } = process.env;

const app = new Hono();
const pages = pageCache({ cacheDir: './cache' });

app.use(pages); // before everything that makes pages

app.get('/', (c) => c.html(`<!doctype html><title>Time</title><p>Made at ${new Date().toISOString()}\n`));

if (PURGE_TOKEN) app.all('/purge', purgeHandler({ token: PURGE_TOKEN, cache: pages.cache }));

const server = serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`Listening on http://127.0.0.1:${port}/`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => pages.close());
    server.closeIdleConnections();
  });
}
