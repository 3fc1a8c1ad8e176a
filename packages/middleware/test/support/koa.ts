import { createRequire } from 'node:module';
import Koa3 from 'koa';
import { pageCache } from '../../src/koa.ts';
import type { Build } from './site.ts';

export type Context = Koa3.Context;
export type Middleware = (ctx: Context, next: () => Promise<unknown>) => unknown;

export const versions: readonly [name: string, make: typeof Koa3][] = [
  ['Koa 3', Koa3],
  // It has no types of its own, and those of Koa 3 fit.
  ['Koa 2', createRequire(import.meta.url)('koa2') as typeof Koa3],
];

export const HIT = 'pagetree; hit';
export const refused = (reason: string) => `pagetree; fwd=uri-miss; detail=${reason}`;
export const text = '<p>a page that compresses well</p>'.repeat(200);
/** An application with the cache in front of what is below, and behind what is above. */
export function appOf(
  Koa: typeof Koa3,
  below: Middleware,
  above: readonly Middleware[] = [],
  errors: unknown[] = [],
): Build {
  return (pages) => {
    const made = new Koa();
    made.on('error', (error) => errors.push(error));
    for (const one of above) made.use(one as Koa3.Middleware);
    if (pages) made.use(pageCache({ cache: pages.cache }));
    made.use(below as Koa3.Middleware);
    return made.callback();
  };
}
