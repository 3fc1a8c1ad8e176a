/** Runs one application with the cache off and on, and compares what the client and the application saw. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { expect } from 'vitest';
import { type Build, listen, type Site, type SiteOptions, site } from './site.ts';
import { comparable, exchange, request } from './wire.ts';

/** An application that notes down what it sees of its response: return values, callbacks, events. */
export type Observed = (req: IncomingMessage, res: ServerResponse, log: (entry: unknown) => void) => unknown;

export interface ParityCase {
  /** The bytes of the request. @default a GET of `/page` */
  readonly send?: string;
  /** The `Cache-Status` of the response. @default that it is stored */
  readonly status?: string | null;
  readonly options?: SiteOptions;
}

export const GET = request('/page', ['Connection: close']);
export const STORED = 'pagetree; fwd=uri-miss; stored';

/** The site that ran with the cache on, and what came over the wire. */
export interface Compared {
  readonly site: Site;
  readonly raw: string;
}

/** Compares a plain listener off and on: every byte on the wire, and everything it noted. */
export async function compare(app: Observed, how: ParityCase = {}): Promise<Compared> {
  const logs: unknown[][] = [];
  const observed = (): RequestListener => {
    const log: unknown[] = [];
    logs.push(log);
    return (req, res) => void app(req, res, (entry) => log.push(entry));
  };
  const compared = await compareBuilt(
    (pages) => (pages ? (req, res) => pages(req, res, () => on(req, res)) : observed()),
    how,
  );
  function on(req: IncomingMessage, res: ServerResponse): void {
    logs[1] ??= [];
    void app(req, res, (entry) => logs[1]!.push(entry));
  }
  expect(logs[1] ?? []).toEqual(logs[0]);
  return compared;
}

/** Compares an application that is built around the cache. */
export async function compareBuilt(build: Build, how: ParityCase = {}): Promise<Compared> {
  const bytes = how.send ?? GET;
  const off = await listen(build(undefined));
  const without = (await exchange(off.port, bytes)).toString('latin1');
  const made = await site(build, how.options);
  const raw = (await exchange(made.port, bytes)).toString('latin1');
  expect(comparable(raw)).toBe(comparable(without));
  if (how.status !== null) {
    const said = /^Cache-Status: (.*)\r$/im.exec(raw)?.[1];
    expect(said).toBe(how.status ?? STORED);
  }
  return { site: made, raw };
}
