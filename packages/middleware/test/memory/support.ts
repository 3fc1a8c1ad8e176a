/** Sites whose pages are in memory. */
import { onTestFinished } from 'vitest';
import { plain, type Site, type SiteOptions, site } from '../support/site.ts';
import { Talk } from './talk.ts';

const type = 'text/html; charset=utf-8';

/** Whether the long forms of the tests run. */
export const LONG = process.env.PAGETREE_LONG === '1';

/** A site with files that were put there by hand, and how often the tree had to be looked at beyond a glance. */
export interface KeptSite extends Site {
  lookups: number;
}

/** Starts a site that says `rendered` for what is not in its tree, and stores none of that. */
export async function keptSite(options: SiteOptions = {}): Promise<KeptSite> {
  const made = await site(
    plain((req, res) => {
      res.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' });
      res.end(`rendered ${req.url}`);
    }),
    options,
  );
  return counted(made);
}

/** Counts the look-ups of a site. */
export function counted(made: Site): KeptSite {
  const kept = Object.assign(made, { lookups: 0 });
  const { cache } = made.pages;
  const lookup = cache.lookup.bind(cache);
  cache.lookup = (...args) => {
    kept.lookups += 1;
    return lookup(...args);
  };
  return kept;
}

/** A connection that is closed when the test ends. */
export function talk(port: number): Talk {
  const made = new Talk(port);
  onTestFinished(() => made.close());
  return made;
}

/** Asks for pages until memory answers all of them. */
export async function keepAll(
  made: KeptSite,
  targets: readonly string[],
  fields: readonly string[] = [],
): Promise<void> {
  const connection = new Talk(made.port);
  try {
    for (let before = -1; made.lookups !== before; ) {
      before = made.lookups;
      for (let at = 0; at < targets.length; at += 50) {
        await Promise.all(targets.slice(at, at + 50).map((target) => connection.ask(target, fields)));
      }
    }
  } finally {
    connection.close();
  }
}
