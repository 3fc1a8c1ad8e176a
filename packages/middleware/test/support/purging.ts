import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type PageCacheMiddleware, purgeHandler, withPageCache } from '../../src/index.ts';
import { type Site, site } from './site.ts';
import { exchange, parse, request, type Wire } from './wire.ts';

export const token = 'q8sHAVO2yRj7c0LWmZ4TtXeKpN1uB6gD';
export const html = { 'Content-Type': 'text/html; charset=utf-8' };
export const json = 'Content-Type: application/json';

/** What a request has beside its order. */
export interface How {
  readonly method?: string;
  readonly fields?: readonly string[];
  /** The line with the token. `null`: none. */
  readonly authorization?: string | null;
  readonly target?: string;
}

export async function purge(made: { port: number }, body: unknown, how: How = {}): Promise<Wire> {
  const { method = 'POST', fields = [json], authorization = `Authorization: Bearer ${token}` } = how;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const head = request(
    how.target ?? '/purge',
    [
      ...fields,
      ...(authorization === null ? [] : [authorization]),
      ...(text === undefined ? [] : [`Content-Length: ${Buffer.byteLength(text)}`]),
      'Connection: close',
    ],
    method,
  );
  return parse(await exchange(made.port, head + (text ?? '')), method);
}

export function answered(wire: Wire): Record<string, unknown> {
  return JSON.parse(wire.text);
}

export function page(req: IncomingMessage, res: ServerResponse): void {
  const tags = req.url?.startsWith('/blog') ? { 'Cache-Tag': 'blog' } : {};
  res.writeHead(200, { ...html, ...tags }).end(`<p>${req.url}`);
}

/** A site of some pages, and a purge endpoint beside them. */
export async function stored(
  build: (pages: PageCacheMiddleware) => RequestListener,
  targets: readonly string[] = ['/', '/blog/one', '/blog/two', '/about'],
): Promise<Site> {
  const made = await site((pages) => build(pages!));
  for (const target of targets) await made.fill(target);
  return made;
}

export function plain(pages: PageCacheMiddleware, limits = {}): RequestListener {
  const answer = purgeHandler({ token, cache: pages.cache, ...limits });
  return withPageCache({ cache: pages.cache }, (req, res) =>
    req.url === '/purge' ? answer(req, res) : page(req, res),
  );
}

export const left = async (made: Site): Promise<string[]> =>
  (await made.files()).filter((name) => !/\.(?:gz|br)$/.test(name));
