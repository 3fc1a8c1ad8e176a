/** Every way to take the cache into an application. */
import type { Adapter } from './adapter.ts';
import { connectAdapters } from './served/connect.ts';
import { fastifyAdapters } from './served/fastify.ts';
import { koaAdapters } from './served/koa.ts';
import { nodeAdapters } from './served/node.ts';
import { webAdapters } from './served/web.ts';

export const adapters: readonly Adapter[] = [
  ...nodeAdapters,
  ...connectAdapters,
  ...fastifyAdapters,
  ...koaAdapters,
  ...webAdapters,
];
