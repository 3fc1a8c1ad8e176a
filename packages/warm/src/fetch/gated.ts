import type { SourceClient } from '../sources/remote.ts';
import { Stopped } from './failure.ts';
import type { Gate, Heard } from './gate.ts';
import { hear } from './hear.ts';

/**
 * Asks through the gate of the run: for sitemaps and robots.txt as well the rate, the rest and the pauses that the origin
 * asked for are kept to. A turn lasts until `use` has ended, so `use` must not wait for one itself.
 */
export function gated(client: SourceClient, gate: Gate): SourceClient {
  return {
    async get(target, use) {
      const turn = await gate.enter();
      if (turn === undefined) throw new Stopped();
      let heard: Heard = { kind: 'failed' };
      try {
        return await client.get(target, (response) => {
          const said = hear(response);
          // A sitemap may take longer than any page: it says nothing of how many pages go at once.
          heard = said.kind === 'answered' ? { kind: 'aside' } : said;
          return use(response);
        });
      } catch (error) {
        if (error instanceof Stopped) heard = { kind: 'unused' };
        throw error;
      } finally {
        gate.leave(turn, heard);
      }
    },
  };
}
