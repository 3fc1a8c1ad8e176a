/** Every case, with the cache off and on: node. */
import { cases } from './cases/index.ts';
import { nodeAdapters } from './served/node.ts';
import { suite } from './suite.ts';

suite(nodeAdapters, cases);
