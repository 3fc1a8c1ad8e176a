/** Every case, with the cache off and on: koa. */
import { cases } from './cases/index.ts';
import { koaAdapters } from './served/koa.ts';
import { suite } from './suite.ts';

suite(koaAdapters, cases);
