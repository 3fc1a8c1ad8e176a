/** Hono on its Node server, whose responses are light ones: with the cache on all is as with the cache off. */
import { describe, it } from 'vitest';
import { cases } from './cases.ts';
import { compareBuilt, onHono, onNodeServer } from './support.ts';

describe('an application of Hono answers the same with the cache', () => {
  for (const [name, { app, ...how }] of Object.entries(cases)) {
    it(name, async () => {
      await compareBuilt(onHono(app), how);
    });
  }
});

describe('a fetch handler on the same server answers the same with the cache', () => {
  for (const [name, { app, ...how }] of Object.entries(cases)) {
    it(name, async () => {
      await compareBuilt(onNodeServer(true)(app), how);
    });
  }
});
