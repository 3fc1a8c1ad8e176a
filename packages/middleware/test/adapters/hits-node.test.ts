/** Hits on every adapter: node. */
import { hits } from './hits.ts';
import { nodeAdapters } from './served/node.ts';

hits(nodeAdapters);
