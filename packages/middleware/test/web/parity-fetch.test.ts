/** A fetch handler with the platform's own `Request` and `Response`: with the cache on all is as with the cache off. */
import { describe, it } from 'vitest';
import { cases } from './cases.ts';
import { compareBuilt, onNodeServer, onSrvx } from './support.ts';

describe('a fetch handler answers the same with the cache', () => {
  for (const [name, { app, ...how }] of Object.entries(cases)) {
    it(name, async () => {
      await compareBuilt(onNodeServer(false)(app), how);
    });
  }
});

// What a handler throws there is left to the process, where it would end the tests.
const thrown = ['an error that is thrown', 'an error after a while'];

describe('a fetch handler on srvx answers the same with the cache', () => {
  for (const [name, { app, ...how }] of Object.entries(cases)) {
    if (thrown.includes(name)) continue;
    it(name, async () => {
      await compareBuilt(onSrvx(app), how);
    });
  }
});
