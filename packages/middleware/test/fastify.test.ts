/** Fastify 5 and 4: what its users expect of hooks, replies, logs, scopes, and of what is not a hit. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import fastify5, { type FastifyReply } from 'fastify';
import { describe, expect, it } from 'vitest';
import { noStore } from '../src/fastify.ts';
import { appOf, html, refused, type Tail, versions } from './support/fastify.ts';
import { compareBuilt, GET } from './support/parity.ts';
import { request } from './support/wire.ts';

describe.each(versions)('%s', (_name, make) => {
  const app = (...args: Tail<typeof appOf>) => appOf(make, ...args);

  describe('answers as without the cache', () => {
    const page = (reply: FastifyReply) => reply.type(html);
    const routes: Record<string, [route: (reply: FastifyReply) => unknown, status?: string]> = {
      'a returned text': [
        (reply) => {
          page(reply);
          return '<h1>Hello</h1>';
        },
      ],
      'reply.send of a text': [(reply) => page(reply).send('<h1>Hello</h1>')],
      'reply.send of a buffer': [(reply) => page(reply).send(Buffer.from('<h1>Hello</h1>'))],
      'a stream': [(reply) => page(reply).send(Readable.from(['<h1>', 'Hello', '</h1>']))],
      'a file': [(reply) => page(reply).send(createReadStream(import.meta.filename))],
      'the answer of a fetch': [() => new Response('<h1>Hello</h1>', { headers: { 'content-type': html } })],
      'a text without a type, which is not a page': [(reply) => reply.send('Hello')],
      'an object': [() => ({ a: 1 })],
      'another status': [(reply) => page(reply).code(410).send('gone'), refused('status')],
      'a redirect': [(reply) => void reply.header('location', '/').code(302).send(), refused('status')],
      'no content': [(reply) => void reply.code(204).send(), refused('status')],
      'a cookie': [(reply) => page(reply).header('set-cookie', 'a=b').send('page'), refused('set-cookie')],
      'Cache-Control: no-store': [
        (reply) => page(reply).header('cache-control', 'no-store').send('page'),
        refused('cache-control'),
      ],
      'noStore(reply)': [
        (reply) => {
          noStore(reply);
          return page(reply).send('page');
        },
        refused('should-store'),
      ],
      'an error that is thrown': [
        () => {
          throw new Error('broken');
        },
        refused('status'),
      ],
      'a promise that rejects': [async () => Promise.reject(new Error('broken')), refused('status')],
      'an error with a status': [
        () => {
          throw Object.assign(new Error('gone'), { statusCode: 410 });
        },
        refused('status'),
      ],
      'a route that calls the handler of what is not found': [
        (reply) => reply.callNotFound(),
        refused('status'),
      ],
      'a hijacked reply': [
        (reply) => {
          reply.hijack();
          reply.raw.writeHead(200, { 'content-type': html }).end('<p>raw');
        },
      ],
      trailers: [
        (reply) => {
          reply.trailer('x-sum', async () => '1');
          return page(reply).send('page');
        },
      ],
    };
    // Fastify 4 has no such answers.
    if (make !== fastify5) delete routes['the answer of a fetch'];
    for (const [name, [route, status]] of Object.entries(routes)) {
      it(name, async () => {
        const { site: made } = await compareBuilt(
          app((scope) => void scope.get('/page', async (_, reply) => route(reply))),
          { send: GET, ...(status === undefined ? { status: null } : { status }) },
        );
        const outcome = await made.outcome('/page');
        const isTrailers = name === 'trailers';
        expect(outcome.type).toBe(status === undefined && !isTrailers ? 'stored' : 'refused');
      });
    }

    it('no route', async () => {
      await compareBuilt(
        app(() => {}),
        { send: GET, status: refused('status') },
      );
    });

    it('a HEAD request, which fills nothing', async () => {
      const build = app((scope) => void scope.get('/page', (_, reply) => void reply.type(html).send('page')));
      const { site: made } = await compareBuilt(build, {
        send: request('/page', ['Connection: close'], 'HEAD'),
        status: refused('method'),
      });
      expect(await made.files()).toEqual([]);
    });

    it('a POST with a body, which is parsed as ever', async () => {
      const build = app(
        (scope) => void scope.post('/page', async ({ body }) => ({ got: body as Record<string, unknown> })),
      );
      const body = '{"a":1}';
      const { raw } = await compareBuilt(build, {
        send:
          request(
            '/page',
            ['Content-Type: application/json', `Content-Length: ${body.length}`, 'Connection: close'],
            'POST',
          ) + body,
        status: 'pagetree; fwd=method',
      });
      expect(raw).toContain('{"got":{"a":1}}');
    });

    it('a request with a query', async () => {
      await compareBuilt(
        app((scope) => void scope.get('/page', async ({ query }) => query)),
        { send: request('/page?a=1', ['Connection: close']), status: 'pagetree; fwd=bypass; detail=query' },
      );
    });

    it('a stream that fails midway: the connection is cut, and nothing is stored', async () => {
      const { site: made, raw } = await compareBuilt(
        app(
          (scope) =>
            void scope.get('/page', (_, reply) => {
              const stream = new Readable({ read() {} });
              stream.push('half');
              setImmediate(() => setImmediate(() => stream.destroy(new Error('broken'))));
              return reply.type(html).send(stream);
            }),
        ),
        { send: GET, status: null },
      );
      expect(raw).toContain('half');
      expect(raw.endsWith('0\r\n\r\n')).toBe(false);
      expect(await made.outcome('/page')).toMatchObject({ type: 'aborted', reason: 'unfinished' });
      expect(await made.files()).toEqual([]);
    });

    it('an error handler of its own', async () => {
      await compareBuilt(
        app((scope) => {
          scope.setErrorHandler((error: Error, _, reply) => reply.code(503).type(html).send(error.message));
          scope.get('/page', async () => {
            throw new Error('broken');
          });
        }),
        { send: GET, status: refused('status') },
      );
    });
  });
});
