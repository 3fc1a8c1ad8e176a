/** All cases of the suite. */
import type { Cases } from '../suite.ts';
import { connections } from './connections.ts';
import { failures } from './failures.ts';
import { middleware } from './middleware.ts';
import { pages } from './pages.ts';
import { responses } from './responses.ts';
import { streams } from './streams.ts';

export const cases: Cases = {
  ...pages,
  ...streams,
  ...connections,
  ...responses,
  ...failures,
  ...middleware,
};
