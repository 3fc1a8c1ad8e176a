/** A fetch handler with the platform's own `Request` and `Response`: with the cache on all is as with the cache off. */
import { describe, it } from 'vitest';
import { cases } from './cases.ts';
import { compareBuilt, onNodeServer } from './support.ts';

describe('a fetch handler answers the same with the cache', () => {
  for (const [name, { app, ...how }] of Object.entries(cases)) {
    it(name, async () => {
      await compareBuilt(onNodeServer(false)(app), how);
    });
  }
});
