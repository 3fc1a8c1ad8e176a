/** A cache around the request handler of React Router, with a server build that is written by hand. */
import type { LoaderFunctionArgs, ServerBuild } from 'react-router';
import { createRequestHandler, data, redirect } from 'react-router';
import { describe, expect, it } from 'vitest';
import { noStore } from '../../src/fetch.ts';
import { listen, site } from '../support/site.ts';
import { onNodeServer } from './support.ts';

type Loader = (args: LoaderFunctionArgs) => unknown;

const nothing = () => null;

/** A site with a route for each loader, whose documents are what was loaded. */
function buildOf(loaders: Record<string, Loader>): ServerBuild {
  const ids = Object.keys(loaders);
  const routes = Object.fromEntries(
    ids.map((id) => [
      id,
      { id, parentId: 'root', path: id, module: { default: nothing, loader: loaders[id] } },
    ]),
  );
  const known = Object.fromEntries(
    ['root', ...ids].map((id) => [id, { id, module: '', imports: [], hasLoader: id !== 'root' }]),
  );
  return {
    entry: {
      module: {
        default: (
          _: Request,
          status: number,
          headers: Headers,
          context: { staticHandlerContext: object },
        ) => {
          const { loaderData, errors } = context.staticHandlerContext as Record<string, unknown>;
          headers.set('content-type', 'text/html; charset=utf-8');
          const text = JSON.stringify({ loaderData, failed: errors !== null });
          return new Response(`<p>${text}`, { status, headers });
        },
        handleError: () => {},
      },
    },
    routes: { root: { id: 'root', path: '', module: { default: nothing } }, ...routes },
    assets: { entry: { imports: [], module: '' }, routes: known, url: '', version: '1' },
    ...{ publicPath: '/', basename: '/', assetsBuildDirectory: '', future: {}, isSpaMode: false, ssr: true },
    ...{ prerender: [], routeDiscovery: { mode: 'initial', manifestPath: '/__manifest' } },
  } as unknown as ServerBuild;
}

function app() {
  let count = 0;
  const handler = createRequestHandler(
    buildOf({
      page: () => ({ count: ++count }),
      kept: ({ request }) => {
        noStore(request);
        return { count: ++count };
      },
      mine: () => data({ count: ++count }, { headers: { 'Set-Cookie': 'session=1' } }),
      broken: () => {
        throw new Error('no such thing');
      },
      gone: () => redirect('/page'),
    }),
    'production',
  );
  return onNodeServer(false)((request) => handler(request));
}

describe('React Router behind the cache', () => {
  it('a document and its data are two pages, whichever is asked for first', async () => {
    for (const [first, second] of [
      ['/page', '/page.data'],
      ['/page.data', '/page'],
    ] as const) {
      const made = await site(app());
      const before = new Map<string, string>();
      for (const path of [first, second]) {
        before.set(path, (await made.ask(path)).text);
        expect(await made.outcome(path)).toMatchObject({ type: 'stored' });
      }
      for (const path of [first, second]) {
        const { text, headers } = await made.ask(path);
        expect([text, headers['cache-status']]).toEqual([before.get(path), 'pagetree; hit']);
        expect(headers['content-type']).toContain(path === '/page' ? 'text/html' : 'text/x-script');
      }
    }
  });

  it('a loader that keeps its page out is heard, though it has a copy of the request', async () => {
    const made = await site(app());
    for (const path of ['/kept', '/kept.data']) {
      const texts = [(await made.ask(path)).text, (await made.ask(path)).text];
      expect(texts[0]).not.toBe(texts[1]);
      expect(await made.outcome(path)).toMatchObject({ type: 'refused', reason: 'should-store' });
    }
    expect(await made.files()).toEqual([]);
  });

  it.each(['/mine', '/mine.data', '/broken', '/gone', '/none'])(
    '%s is answered as without the cache, and not stored',
    async (path) => {
      const made = await site(app());
      const bare = await listen(app()(undefined));
      const asked = async (port: number): Promise<unknown[]> => {
        const response = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual' });
        const names = ['content-type', 'set-cookie', 'location'];
        return [response.status, await response.text(), ...names.map((name) => response.headers.get(name))];
      };
      for (const _ of [1, 2]) expect(await asked(made.port)).toEqual(await asked(bare.port));
      expect(await made.files()).toEqual([]);
    },
  );
});
