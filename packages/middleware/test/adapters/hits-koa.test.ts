/** Hits on every adapter: koa. */
import { hits } from './hits.ts';
import { koaAdapters } from './served/koa.ts';

hits(koaAdapters);
