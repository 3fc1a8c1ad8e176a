import type { HeaderMap, Lookup, Page, PageCache } from '@pagetree/core';
import type { OriginClient, Response } from '../../fetch/client.ts';
import type { Heard } from '../../fetch/gate.ts';
import { hear } from '../../fetch/hear.ts';
import type { Crawl } from './crawl.ts';
import type { LinkReader } from './page-links.ts';

/** What the warmer works with, as far as a crawl watches it. */
export interface WatchedTools {
  readonly cache: Pick<PageCache, 'lookup' | 'cacheDir'>;
  readonly client: Pick<OriginClient, 'get' | 'host' | 'origin'>;
  /** Asks for a page that may not be stored, where it is needed all the same. */
  readonly visit?: (target: string, found: Lookup) => Promise<Heard | undefined>;
}

/**
 * Stands in for the tree and the origin: every page that passes is read for links. A body that the warmer gives up,
 * because the page may not be stored, is read on; a page that is stored already is read from the tree.
 */
export function watchTools<Tools extends WatchedTools>(crawl: Crawl, tools: Tools): Tools {
  const { cache, client } = tools;
  const get: WatchedTools['client']['get'] = (target, use, condition) =>
    client.get(target, (response) => watchResponse(crawl, target, response, use), condition);
  const lookup: WatchedTools['cache']['lookup'] = async (request, how) => {
    const found = await cache.lookup(request, how);
    const { target } = request;
    if (found.kind === 'hit') await readPage(crawl, target, found.page);
    return found;
  };
  const visit: WatchedTools['visit'] = async (target, found) => {
    if (!isDoor(found, crawl.depthOf(target))) return undefined;
    try {
      return await get(target, async (response) => hear(response));
    } catch (error) {
      crawl.unread(target, error);
      return { kind: 'failed' };
    }
  };
  const { host, origin } = client;
  return { ...tools, cache: { cacheDir: cache.cacheDir, lookup }, client: { host, origin, get }, visit };
}

/** A page that a source names and the rules leave out of the tree is a place to begin all the same. */
function isDoor(found: Lookup, depth: number | undefined): boolean {
  return found.kind === 'bypass' && found.reason === 'outside-cache-paths' && depth === 0;
}

async function watchResponse<T>(
  crawl: Crawl,
  target: string,
  response: Response,
  use: (response: Response) => Promise<T>,
): Promise<T> {
  const { status, headers } = response;
  const location = [headers.location ?? []].flat()[0];
  if (status >= 300 && status < 400 && location !== undefined) crawl.redirected(target, location);
  const reader = status === 200 ? crawl.reader(target, headers) : undefined;
  if (reader === undefined) return use(response);
  const tap = new Tap(response.body, reader);
  try {
    return await use({ ...response, body: tap });
  } finally {
    await tap.finish();
    await crawl.found(target, reader.end());
  }
}

/** It may be asked for again: its links count when it is settled, unless another version was stored by then. */
async function readPage(crawl: Crawl, target: string, page: Page): Promise<void> {
  if (crawl.keeps(target, page.mtimeMs)) return;
  const headers: Record<string, string | string[]> = { 'content-type': page.contentType };
  for (const [name, value] of page.headers) headers[name] = [...[headers[name] ?? []].flat(), value];
  const reader = crawl.reader(target, headers satisfies HeaderMap);
  const body = reader === undefined ? undefined : await page.body();
  if (reader === undefined || body === undefined) return;
  for await (const chunk of body.stream() as AsyncIterable<Uint8Array>) if (!reader.write(chunk)) break;
  await crawl.keep(target, page.mtimeMs, reader.end());
}

/** A body that two read: the warmer, as far as it wants to, and the crawl. */
class Tap {
  readonly #body: Response['body'];
  readonly #reader: LinkReader;
  readonly #iterator: AsyncIterator<Uint8Array>;
  #ended = false;
  /** The crawl looks at more. */
  #wanted = true;

  constructor(body: Response['body'], reader: LinkReader) {
    this.#body = body;
    this.#reader = reader;
    this.#iterator = body[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => this.#next(),
      // The warmer had enough; `finish` reads on.
      return: async () => ({ done: true, value: undefined }),
    };
  }

  destroy(): void {
    // Left to `finish`.
  }

  /** Reads what the warmer left, as far as the crawl looks, and gives the connection back. */
  async finish(): Promise<void> {
    try {
      while (!this.#ended && this.#wanted) await this.#next();
    } catch {
      // A body that breaks off has the links that it had.
    } finally {
      if (!this.#ended) this.#body.destroy();
    }
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    try {
      const next = await this.#iterator.next();
      if (next.done === true) this.#ended = true;
      else if (this.#wanted) this.#wanted = this.#reader.write(next.value);
      return next;
    } catch (error) {
      this.#ended = true;
      throw error;
    }
  }
}
