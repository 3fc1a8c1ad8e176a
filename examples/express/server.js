import { pageCache, purgeHandler } from '@pagetree/middleware';
import express from 'express';

const { PORT = '3000', PURGE_TOKEN } = process.env;

const app = express();
const pages = pageCache({ cacheDir: './cache' });

app.use(pages); // before everything that makes pages
if (PURGE_TOKEN) app.use('/purge', purgeHandler({ token: PURGE_TOKEN, cache: pages.cache }));

app.get('/', (_req, res) => {
  res.send(`<!doctype html><title>Time</title><p>Made at ${new Date().toISOString()}\n`);
});

const server = app.listen(Number(PORT), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`Listening on http://127.0.0.1:${server.address().port}/`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => pages.close());
    server.closeIdleConnections();
  });
}
