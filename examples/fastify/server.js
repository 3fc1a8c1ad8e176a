import { pageCache, purgeHandler } from '@pagetree/middleware/fastify';
import Fastify from 'fastify';

const { PORT = '3000', PURGE_TOKEN } = process.env;

const app = Fastify();

await app.register(pageCache, { cacheDir: './cache' }); // before everything that makes pages
if (PURGE_TOKEN) await app.register(purgeHandler, { token: PURGE_TOKEN, url: '/purge' });

app.get('/', (_request, reply) => {
  // Without a type Fastify sends plain text, and a page is HTML.
  reply.type('text/html; charset=utf-8');
  return reply.send(`<!doctype html><title>Time</title><p>Made at ${new Date().toISOString()}\n`);
});

await app.listen({ port: Number(PORT), host: '127.0.0.1' });
console.log(`Listening on http://127.0.0.1:${app.server.address().port}/`);

// Closing the application closes the cache.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close());
