/** Fastify: the cache is a plugin, and replies are made by Fastify. */
import type { Server } from 'node:net';
import type { PageCache } from '@pagetree/core';
import fastify5, { type FastifyInstance } from 'fastify';
import fastify4 from 'fastify4';
import { pageCache } from '../../../src/fastify.ts';
import { type Adapter, streamOf } from '../adapter.ts';
import { html, type Stage } from '../stage.ts';

type Make = typeof fastify5;

/** As long as the longest target of the suite. */
const maxParamLength = 20_000;

/** Fastify 5 has a name of its own for what the router is told. */
const makes = {
  'Fastify 4': (options: object) => (fastify4 as unknown as Make)({ ...options, maxParamLength }),
  'Fastify 5': (options: object) => fastify5({ ...options, routerOptions: { maxParamLength } }),
};

async function site(
  make: (options: object) => FastifyInstance,
  stage: Stage,
  cache: PageCache | undefined,
): Promise<{ server: Server; stop: () => Promise<void> }> {
  const app: FastifyInstance = make({ forceCloseConnections: true });
  if (cache) await app.register(pageCache, { cache });
  // A body is taken as it is, whatever it is said to be.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body));
  app.all('*', async (request, reply) => {
    if (stage.isOnNode) {
      reply.hijack();
      await stage.onNode(request.raw, reply.raw);
      return;
    }
    const {
      status = 200,
      fields = html,
      body,
    } = await stage.answer({
      method: request.method,
      url: request.raw.url ?? '',
      fields: request.headers,
      body: async () => `${request.body ?? ''}`,
    });
    reply.code(status).headers(fields);
    return reply.send(
      body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : streamOf(body),
    );
  });
  await app.ready();
  return { server: app.server, stop: () => app.close() };
}

export const fastifyAdapters: readonly Adapter[] = Object.entries(makes).map(([name, make]) => ({
  name,
  protocol: 'HTTP/1',
  secure: false,
  lacks: {
    'connect middleware': 'Fastify takes it only through a plugin of its own',
    'errors on the node response': 'who takes the reply out of Fastify answers for it alone',
  },
  serve: (stage, cache) => site(make, stage, cache),
}));
