import { pageCache, purgeHandler } from '@pagetree/middleware/koa';
import Koa from 'koa';

const { PORT = '3000', PURGE_TOKEN } = process.env;

const app = new Koa();
const pages = pageCache({ cacheDir: './cache' });
const purge = PURGE_TOKEN ? purgeHandler({ token: PURGE_TOKEN, cache: pages.cache }) : undefined;

app.use(pages); // before everything that makes pages

app.use(async (ctx) => {
  if (purge && ctx.path === '/purge') await purge(ctx);
  else if (ctx.path === '/') {
    ctx.body = `<!doctype html><title>Time</title><p>Made at ${new Date().toISOString()}\n`;
  }
});

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}/`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => pages.close());
    server.closeIdleConnections();
  });
}
