import { describeHits } from './hits.ts';
import { onHono } from './support.ts';

describeHits('hits of an application of Hono', onHono);
