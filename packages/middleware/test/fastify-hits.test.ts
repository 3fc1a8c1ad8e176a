import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { until } from './support/counting.ts';
import { appOf, HIT, html, refused, runningOf, type Tail, versions } from './support/fastify.ts';
import { STORED } from './support/parity.ts';
import { site } from './support/site.ts';
import { ask, Line, request } from './support/wire.ts';

describe.each(versions)('%s', (_name, make) => {
  const app = (...args: Tail<typeof appOf>) => appOf(make, ...args);
  const running = (...args: Tail<typeof runningOf>) => runningOf(make, ...args);

  it('a hit: validators, HEAD, ranges, variants, and the handler is not asked', async () => {
    let asked = 0;
    const text = '<p>a page that compresses well</p>'.repeat(200);
    const made = await site(
      app(
        (scope) =>
          void scope.get('/page', (_, reply) => {
            asked += 1;
            return reply.type(html).header('content-language', 'en').send(text);
          }),
      ),
    );
    await made.fill('/page');
    const hit = await made.ask('/page');
    expect(hit).toMatchObject({
      text,
      headers: { 'cache-status': HIT, 'content-language': 'en', 'content-type': html },
    });
    expect((await made.ask('/page', [`If-None-Match: ${hit.headers.etag}`])).status).toBe(304);
    expect(await made.ask('/page', ['Range: bytes=3-8'])).toMatchObject({ status: 206, text: 'a page' });
    expect((await made.ask('/page', ['Range: bytes=999999-'])).status).toBe(416);
    const head = await made.ask('/page', [], 'HEAD');
    expect(head).toMatchObject({ status: 200, text: '', headers: { 'content-length': `${text.length}` } });
    expect((await made.ask('/page', ['Accept-Encoding: br'])).headers['content-encoding']).toBe('br');
    expect(asked).toBe(1);
    await made.pages.cache.purge({ path: '/page' });
    expect((await made.ask('/page')).headers['cache-status']).not.toBe(HIT);
    expect(asked).toBe(2);
  });

  it('a large page is streamed, and a client that leaves in the middle of it harms nobody', async () => {
    const text = '0123456789'.repeat(1_000_000);
    const errors: unknown[] = [];
    const made = await site(
      app((scope) => {
        scope.addHook('onError', (_request, _reply, error, done) => {
          errors.push(error);
          done();
        });
        scope.get('/page', (_, reply) => void reply.type(html).send(text));
      }),
    );
    await made.fill('/page');
    const line = new Line(made.port);
    line.send(request('/page'));
    await line.until('0123456789');
    line.leave();
    const whole = await made.ask('/page');
    expect(whole.headers['cache-status']).toBe(HIT);
    expect(whole.body.length).toBe(text.length);
    expect(errors).toEqual([]);
  });

  it('the first part of a stream that takes its time is there at once', async () => {
    let finish: () => void = () => {};
    const made = await site(
      app(
        (scope) =>
          void scope.get('/page', (_, reply) => {
            const stream = new Readable({ read() {} });
            stream.push('first');
            finish = () => {
              stream.push('last');
              stream.push(null);
            };
            return reply.type(html).send(stream);
          }),
      ),
    );
    const line = new Line(made.port);
    line.send(request('/page', ['Connection: close']));
    await line.until('first');
    finish();
    await line.until('last');
    await line.closed();
    await made.outcome('/page');
    expect((await made.ask('/page')).text).toBe('firstlast');
  });

  it('a miss runs every hook, in order; a Vary that a hook adds keeps the page out', async () => {
    const seen: string[] = [];
    const note = (what: string) => async () => void seen.push(what);
    const { port } = await running(
      (scope) => {
        scope.addHook('onRequest', note('onRequest below'));
        scope.addHook('preParsing', note('preParsing'));
        scope.addHook('preValidation', note('preValidation'));
        scope.addHook('preHandler', note('preHandler'));
        scope.addHook('onSend', note('onSend'));
        scope.addHook('onResponse', note('onResponse'));
        scope.get('/page', (_, reply) => void reply.type(html).send('page'));
      },
      {
        before: (made) =>
          void made.addHook('onRequest', async (_, reply) => {
            seen.push('onRequest above');
            reply.header('vary', 'Origin');
          }),
      },
    );
    expect((await ask(port, '/page')).headers['cache-status']).toBe(refused('vary'));
    await until(async () => seen.length === 7);
    expect(seen).toEqual([
      'onRequest above',
      'onRequest below',
      'preParsing',
      'preValidation',
      'preHandler',
      'onSend',
      'onResponse',
    ]);
  });

  it('what hooks set is sent with a hit, beside what the page has', async () => {
    const seen: string[] = [];
    const { port, stored } = await running(
      (scope) => {
        scope.addHook('onSend', async (_request, _reply, payload) => {
          seen.push('onSend');
          return `${payload}!`;
        });
        scope.addHook('onResponse', async (_, { statusCode }) => void seen.push(`onResponse ${statusCode}`));
        scope.get(
          '/page',
          (_, reply) => void reply.type(html).header('x-frame-options', 'SAMEORIGIN').send('page'),
        );
      },
      {
        before: (made) =>
          void made.addHook('onRequest', async (_, reply) => {
            reply.header('x-above', ['a', 'b']).header('x-number', 7).header('x-frame-options', 'DENY');
          }),
      },
    );
    expect((await ask(port, '/page')).text).toBe('page!');
    await stored('/page');
    const hit = await ask(port, '/page');
    expect(hit.text).toBe('page!');
    expect(hit.headers).toMatchObject({
      'x-above': 'a, b',
      'x-number': '7',
      'x-frame-options': 'SAMEORIGIN',
      'cache-status': HIT,
    });
    await until(async () => seen.length === 3);
    expect(seen).toEqual(['onSend', 'onResponse 200', 'onResponse 200']);
  });

  it('the log tells of a hit like of any other response', async () => {
    const lines: { msg: string; res?: { statusCode: number } }[] = [];
    const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
    const { port, stored } = await running(
      (scope) => void scope.get('/page', (_, reply) => void reply.type(html).send('page')),
      { options: { logger: { stream } } },
    );
    await ask(port, '/page');
    await stored('/page');
    const { headers } = await ask(port, '/page');
    await ask(port, '/page', [`If-None-Match: ${headers.etag}`]);
    const completed = () => lines.filter(({ msg }) => msg === 'request completed');
    await until(async () => completed().length === 3);
    expect(completed().map(({ res }) => res?.statusCode)).toEqual([200, 200, 304]);
    expect(lines.filter(({ msg }) => /error|warn/i.test(msg))).toEqual([]);
  });

  it('inject works: requests without a socket', async () => {
    const { made, stored } = await running(
      (scope) => void scope.get('/page', (_, reply) => void reply.type(html).send('<p>page')),
    );
    const miss = await made.inject('/page');
    expect([miss.statusCode, miss.body, miss.headers['cache-status']]).toEqual([200, '<p>page', STORED]);
    await stored('/page');
    const hit = await made.inject('/page');
    expect([hit.statusCode, hit.body, hit.headers['cache-status']]).toEqual([200, '<p>page', HIT]);
    const head = await made.inject({ method: 'HEAD', url: '/page' });
    expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([200, '', '7']);
    const fresh = await made.inject({
      url: '/page',
      headers: { 'if-none-match': hit.headers.etag as string },
    });
    expect([fresh.statusCode, fresh.body]).toEqual([304, '']);
    expect((await made.inject('/none')).statusCode).toBe(404);
  });

  it('a page that is put there by hand, and one that is removed by hand, count at the next request', async () => {
    const made = await site(
      app((scope) => void scope.get('/page', (_, reply) => void reply.type(html).send('app'))),
    );
    await writeFile(join(made.dir, 'page'), 'by hand');
    expect(await made.ask('/page')).toMatchObject({ text: 'by hand', headers: { 'cache-status': HIT } });
    await made.pages.cache.purge({ all: true });
    expect((await made.ask('/page')).text).toBe('app');
  });
});
