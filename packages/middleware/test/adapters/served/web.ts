/** Handlers of the Fetch standard: Hono on its server, and a bare handler behind a small bridge. */
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { withPageCache } from '../../../src/fetch.ts';
import { pageCache } from '../../../src/hono.ts';
import type { Adapter } from '../adapter.ts';
import { type Answer, html, type Stage } from '../stage.ts';
import { bridge } from './bridge.ts';
import { served } from './node.ts';

/** The answer of the application as a response of the Fetch standard. */
async function respond(stage: Stage, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const {
    status = 200,
    fields = html,
    body,
  } = await stage.answer({
    method: request.method,
    url: url.pathname + url.search,
    fields: Object.fromEntries(request.headers),
    body: () => request.text(),
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of [value].flat()) headers.append(name, one);
  }
  return new Response(bodyOf(body), { status, headers });
}

function bodyOf(body: Answer['body']): ConstructorParameters<typeof Response>[0] {
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) return body ?? null;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await body.next();
      if (done) controller.close();
      else controller.enqueue(Buffer.from(value));
    },
    async cancel() {
      await body.return(undefined);
    },
  });
}

const lacks = {
  'node response': 'a handler returns a Response',
  'errors on the node response': 'a handler returns a Response',
  'connect middleware': 'a handler returns a Response',
} as const;

export const webAdapters: readonly Adapter[] = [
  {
    name: 'Hono',
    protocol: 'HTTP/1',
    secure: false,
    lacks,
    fieldsAreASet: true,
    serve: async (stage, cache) => {
      const app = new Hono();
      app.onError((error, c) => {
        stage.run.note(['Hono reports', error.message]);
        return c.text('Internal Server Error', 500);
      });
      if (cache) app.use(pageCache({ cache }));
      app.all('*', (c) => respond(stage, c.req.raw));
      const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
      return served(createServer((req, res) => void listener(req, res)));
    },
  },
  {
    name: 'a fetch handler',
    protocol: 'HTTP/1',
    secure: false,
    lacks,
    fieldsAreASet: true,
    serve: async (stage, cache) => {
      const handler = (request: Request): Promise<Response> => respond(stage, request);
      return served(createServer(bridge(cache ? withPageCache({ cache }, handler) : handler)));
    },
  },
];
