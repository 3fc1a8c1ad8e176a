/** Every case, with the cache off and on: fastify. */
import { cases } from './cases/index.ts';
import { fastifyAdapters } from './served/fastify.ts';
import { suite } from './suite.ts';

suite(fastifyAdapters, cases);
