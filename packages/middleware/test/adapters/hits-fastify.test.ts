/** Hits on every adapter: fastify. */
import { hits } from './hits.ts';
import { fastifyAdapters } from './served/fastify.ts';

hits(fastifyAdapters);
