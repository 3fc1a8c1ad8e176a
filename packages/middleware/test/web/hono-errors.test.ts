/**
 * Errors in the middle of a stream that Hono's helpers swallow: they log, and end the body as if it were whole. Nobody can see
 * that, so an application says it in the `onError` of the helper; then the page is not stored.
 */
import type { Context } from 'hono';
import { ErrorBoundary, jsx } from 'hono/jsx';
import { renderToReadableStream, Suspense } from 'hono/jsx/streaming';
import { stream, streamText } from 'hono/streaming';
import { describe, expect, it, vi } from 'vitest';
import { noStore } from '../../src/hono.ts';
import { html, STORED, served } from './support.ts';

/** A page whose second half fails until the database is back. */
interface Database {
  isDown: boolean;
}

function rows(database: Database): string {
  if (database.isDown) throw new Error('the database went away');
  return '<li>2';
}

const Rows = async ({ database }: { database: Database }): Promise<string> => {
  await new Promise(setImmediate);
  return rows(database);
};

const later = (database: Database) =>
  jsx(Suspense as never, { fallback: 'loading' }, jsx(Rows as never, { database }));

const pages: Record<string, (c: Context, database: Database) => Response> = {
  'stream(c, cb, onError)': (c, database) => {
    c.header('content-type', html['content-type']);
    return stream(
      c,
      async (out) => {
        await out.write('<li>1');
        await out.write(rows(database));
      },
      async () => noStore(c),
    );
  },
  'streamText(c, cb, onError)': (c, database) =>
    streamText(
      c,
      async (out) => {
        await out.write('<li>1');
        await out.write(rows(database));
      },
      async () => noStore(c),
    ),
  'renderToReadableStream(element, onError)': (c, database) =>
    c.body(
      renderToReadableStream(jsx('ul', {}, later(database)), () => noStore(c)),
      { headers: html },
    ),
  '<ErrorBoundary onError>': (c, database) => {
    const props = { fallback: 'try again', onError: () => noStore(c) };
    return c.body(renderToReadableStream(jsx(ErrorBoundary as never, props, later(database))), {
      headers: html,
    });
  },
};

describe.each(Object.entries(pages))('noStore(c) in %s', (_, page) => {
  it('keeps half a page out, and the next whole one is stored', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => {});
    const database = { isDown: true };
    const made = await served((app, cache) => {
      app.use(cache!);
      app.get('*', (c) => page(c, database));
    });
    const half = await made.ask('/page');
    expect(half).toMatchObject({ status: 200, headers: { 'cache-status': STORED } });
    expect(half.text).not.toContain('<li>2');
    expect(await made.outcome('/page')).toMatchObject({ type: 'refused', reason: 'should-store' });
    database.isDown = false;
    expect((await made.fill('/page')).text).toContain('2');
    expect((await made.ask('/page')).headers['cache-status']).toBe('pagetree; hit');
  });
});
