/** Every case, with the cache off and on: connect. */
import { cases } from './cases/index.ts';
import { connectAdapters } from './served/connect.ts';
import { suite } from './suite.ts';

suite(connectAdapters, cases);
