import { createServer } from 'node:http';
import { loadConfig, purgeHandler, withPageCache } from '@pagetree/middleware';

const { PORT = '3000', PURGE_TOKEN } = process.env;

/** Answers what the cache does not. */
function site(req, res) {
  if (purge && req.url === '/purge') return purge(req, res);
  if (req.url !== '/') return res.writeHead(404).end('Not found\n');
  res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
  res.end(`<!doctype html><title>Time</title><p>Made at ${new Date().toISOString()}\n`);
}

// From pagetree.config.json, which cache-warm and cache-purge read too.
const listener = withPageCache(await loadConfig(), site);
const purge = PURGE_TOKEN ? purgeHandler({ token: PURGE_TOKEN, cache: listener.cache }) : undefined;

const server = createServer(listener).listen(Number(PORT), '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}/`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => listener.close());
    server.closeIdleConnections();
  });
}
