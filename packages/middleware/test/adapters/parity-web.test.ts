/** Every case, with the cache off and on: web. */
import { cases } from './cases/index.ts';
import { webAdapters } from './served/web.ts';
import { suite } from './suite.ts';

suite(webAdapters, cases);
