/** Hits on every adapter: connect. */
import { hits } from './hits.ts';
import { connectAdapters } from './served/connect.ts';

hits(connectAdapters);
