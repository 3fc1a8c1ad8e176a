/** A site that believes everything it is told, puts it into its pages, and runs behind every adapter. */
import type { Adapter } from '../../packages/middleware/test/adapters/adapter.ts';
import { html, type Played } from '../../packages/middleware/test/adapters/stage.ts';
import { type Playing, startPlaying } from '../../packages/middleware/test/adapters/suite.ts';

/** What belongs to every request, or to the connection. */
const ordinary = /^(?:connection|content-length|accept-encoding|host|:.*)$/;

/** Repeats method, target, fields and body of the request. */
export const gullible: Played = {
  answers: async ({ method, url, fields, body }) => {
    const told = Object.entries(fields)
      .filter(([name]) => !ordinary.test(name))
      .map(([name, value]) => `${name}=${value}`);
    const host = fields.host ?? fields[':authority'];
    if (host !== undefined && host !== 'site.test') told.push(`host=${host}`);
    return { fields: html, body: `<p>${method} ${url} [${told.join('; ')}] ${await body()}</p>` };
  },
};

/** The page that a request gets that says nothing. */
export function cleanPage(path: string): string {
  return `<p>GET ${path} [] </p>`;
}

/** The same site without and with a cache. */
export interface Pair {
  readonly off: Playing;
  readonly on: Playing;
  stop(): Promise<void>;
}

export async function startPair(adapter: Adapter): Promise<Pair> {
  const off = await startPlaying(adapter, false);
  const on = await startPlaying(adapter, true, undefined, { variants: false });
  for (const { stage } of [off, on]) stage.play(gullible, '/');
  return {
    off,
    on,
    stop: async () => {
      await off.stop();
      await on.stop();
    },
  };
}
