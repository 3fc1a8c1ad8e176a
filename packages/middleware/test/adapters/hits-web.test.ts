/** Hits on every adapter: web. */
import { hits } from './hits.ts';
import { webAdapters } from './served/web.ts';

hits(webAdapters);
