/** Koa 3 and 2: everything that is not a hit is as without the cache. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { noStore } from '../src/koa.ts';
import { appOf, type Middleware, refused, versions } from './support/koa.ts';
import { compareBuilt, GET, STORED } from './support/parity.ts';
import { request } from './support/wire.ts';

describe.each(versions)('%s', (_name, Koa) => {
  const app = (below: Middleware, above?: readonly Middleware[], errors?: unknown[]) =>
    appOf(Koa, below, above, errors);

  describe('answers as without the cache', () => {
    const routes: Record<string, [route: Middleware, status?: string]> = {
      'a text that is a page': [
        (ctx) => {
          ctx.body = '<h1>Hello</h1>';
        },
      ],
      'a buffer with a type': [
        (ctx) => {
          ctx.type = 'html';
          ctx.body = Buffer.from('<h1>Hello</h1>');
        },
      ],
      'a stream': [
        (ctx) => {
          ctx.type = 'html';
          ctx.body = Readable.from(['<h1>', 'Hello', '</h1>']);
        },
      ],
      'a file': [
        (ctx) => {
          ctx.type = 'html';
          ctx.body = createReadStream(import.meta.filename);
        },
      ],
      'writes to ctx.res, with respond = false': [
        (ctx) => {
          ctx.respond = false;
          ctx.res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
          ctx.res.write('<h1>');
          ctx.res.end('Hello');
        },
      ],
      'writes to ctx.res, and Koa ends it': [
        (ctx) => {
          ctx.status = 200;
          ctx.res.setHeader('Content-Type', 'text/html; charset=utf-8');
          ctx.res.write('<h1>Hello');
        },
      ],
      'a text that is no page': [
        (ctx) => {
          ctx.body = 'Hello';
        },
      ],
      'an object': [
        (ctx) => {
          ctx.body = { a: 1 };
        },
      ],
      'no body': [() => {}, refused('status')],
      'a body of null': [
        (ctx) => {
          ctx.body = null;
        },
        refused('status'),
      ],
      'another status': [
        (ctx) => {
          ctx.status = 410;
          ctx.body = '<p>gone';
        },
        refused('status'),
      ],
      'a redirect': [(ctx) => ctx.redirect('/other'), refused('status')],
      'a cookie': [
        (ctx) => {
          ctx.cookies.set('a', 'b');
          ctx.body = '<p>page';
        },
        refused('set-cookie'),
      ],
      'Cache-Control: private': [
        (ctx) => {
          ctx.set('Cache-Control', 'private');
          ctx.body = '<p>page';
        },
        refused('cache-control'),
      ],
      'ctx.vary': [
        (ctx) => {
          ctx.vary('Accept-Language');
          ctx.body = '<p>page';
        },
        refused('vary'),
      ],
      'noStore(ctx)': [
        (ctx) => {
          noStore(ctx);
          ctx.body = '<p>page';
        },
        refused('should-store'),
      ],
      'an error': [
        () => {
          throw new Error('broken');
        },
        refused('status'),
      ],
      'ctx.throw': [(ctx) => ctx.throw(403, 'not you'), refused('status')],
      'a promise that rejects': [async () => Promise.reject(new Error('broken')), refused('status')],
      'ctx.fresh': [
        (ctx) => {
          ctx.etag = 'a';
          ctx.body = '<p>page';
          ctx.req.headers['if-none-match'] = '"a"';
          if (ctx.fresh) ctx.status = 304;
        },
        refused('status'),
      ],
    };
    for (const [title, [route, status]] of Object.entries(routes)) {
      it(title, async () => {
        const { site: made } = await compareBuilt(app(route), { send: GET, status: status ?? STORED });
        expect((await made.outcome('/page')).type).toBe(status === undefined ? 'stored' : 'refused');
      });
    }

    it('a HEAD request, which fills nothing', async () => {
      const { site: made } = await compareBuilt(
        app((ctx) => {
          ctx.body = '<p>page';
        }),
        { send: request('/page', ['Connection: close'], 'HEAD'), status: refused('method') },
      );
      expect(await made.files()).toEqual([]);
    });

    it('a POST with a body', async () => {
      const { raw } = await compareBuilt(
        app(async (ctx) => {
          const chunks: Buffer[] = [];
          for await (const chunk of ctx.req) chunks.push(chunk as Buffer);
          ctx.body = `got ${Buffer.concat(chunks)}`;
        }),
        {
          send: `${request('/page', ['Content-Length: 4', 'Connection: close'], 'POST')}data`,
          status: 'pagetree; fwd=method',
        },
      );
      expect(raw).toContain('got data');
    });

    it('a stream with a length that fails midway: the same bytes, and nothing is stored', async () => {
      const below: Middleware = (ctx) => {
        const stream = new Readable({ read() {} });
        stream.push('half');
        setImmediate(() =>
          setImmediate(() => {
            stream.destroy(new Error('broken'));
            // Koa 2 leaves the response open.
            ctx.res.destroy();
          }),
        );
        ctx.type = 'html';
        ctx.body = stream;
      };
      const { site: made, raw } = await compareBuilt(app(below), { send: GET });
      expect(raw).toContain('half');
      expect(await made.outcome('/page')).toMatchObject({ type: 'aborted', reason: 'unfinished' });
      expect(await made.files()).toEqual([]);
    });
  });
});
