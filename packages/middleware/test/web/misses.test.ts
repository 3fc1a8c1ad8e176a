/** Misses of the web shell: what the client gets, and when, and what becomes of the page. */
import type { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import { noStore, withPageCache } from '../../src/fetch.ts';
import { until } from '../support/counting.ts';
import { listen, plain, site } from '../support/site.ts';
import { Line, request } from '../support/wire.ts';
import { barrier, encode, Hand, html, inTurns, onNodeServer, STORED } from './support.ts';

const serve = onNodeServer(false);

describe('a miss', () => {
  it('reaches the client chunk by chunk, as the application gives it', async () => {
    const hand = new Hand();
    const made = await site(serve(() => new Response(hand.body, { headers: html })));
    const line = new Line(made.port);
    line.send(request('/page', ['Connection: close']));
    // The head is there before any of the body, and each part before the next one is made.
    await line.until('\r\n\r\n');
    for (const part of ['<p>first', 'second', 'third']) {
      hand.write(part);
      await line.until(part);
    }
    hand.end();
    await line.closed();
    await made.outcome('/page');
    expect((await made.read('page')).toString()).toBe('<p>firstsecondthird');
  });

  it('is made once for all who ask for it at the same time', async () => {
    let asked = 0;
    const gate = barrier();
    const made = await site(
      serve(async () => {
        asked += 1;
        await gate.opened;
        return new Response('<p>page', { headers: html });
      }),
    );
    const answers = Array.from({ length: 50 }, () => made.ask('/page'));
    await made.seen(['miss'], '/page');
    gate.open();
    for (const { text } of await Promise.all(answers)) expect(text).toBe('<p>page');
    expect(asked).toBe(1);
  });

  it('is stored although its client reads nothing', async () => {
    const page = 'x'.repeat(8_000_000);
    const made = await site(
      serve(() => new Response(inTurns(page.slice(0, 4e6), page.slice(4e6)), { headers: html })),
    );
    const line = new Line(made.port);
    line.socket.pause();
    line.send(request('/page'));
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored', bytes: page.length });
    line.socket.resume();
    await until(async () => line.received.length > page.length);
    line.leave();
  });

  it('that fails midway is cut for the client behind what came before, and not stored', async () => {
    const hand = new Hand();
    const made = await site(serve(() => new Response(hand.body, { headers: html })));
    const line = new Line(made.port);
    line.send(request('/page'));
    hand.write('<p>half');
    await line.until('<p>half');
    hand.fail(new Error('no end'));
    await line.closed();
    expect(line.received).not.toContain('0\r\n\r\n');
    expect(await made.outcome('/page')).toMatchObject({ type: 'aborted', detail: 'the body failed' });
  });

  it('of an application that throws gives the permission back at once', async () => {
    let first = true;
    const made = await site(
      serve(() => {
        if (!first) return new Response('<p>page', { headers: html });
        first = false;
        throw new Error('once');
      }),
    );
    expect((await made.ask('/page')).status).toBe(500);
    expect(await made.outcome('/page')).toMatchObject({ type: 'aborted', reason: 'unfinished' });
    expect((await made.fill('/page')).text).toBe('<p>page');
  });

  it('whose body somebody else holds is left to the server, and nothing waits for it', async () => {
    const made = await site(
      serve(() => {
        const response = new Response(inTurns('<p>page'), { headers: html });
        response.body!.getReader();
        return response;
      }),
    );
    expect((await made.ask('/page')).status).toBe(500);
    expect(await made.outcome('/page')).toMatchObject({ type: 'aborted' });
  });

  it('of a proxy, whose head is the one that fetch() gave, is stored', async () => {
    const origin = await listen((_, res) => res.writeHead(200, html).end('<p>origin'));
    const made = await site(serve(() => fetch(`http://127.0.0.1:${origin.port}/`)));
    expect((await made.fill('/page')).headers['cache-status']).toBe(STORED);
    const passed = await made.ask('/page?query');
    expect(passed).toMatchObject({
      text: '<p>origin',
      headers: { 'cache-status': 'pagetree; fwd=bypass; detail=query' },
    });
    expect((await made.ask('/page')).text).toBe('<p>origin');
  });

  it('keeps its bytes, whatever the taker of a chunk does with its memory', async () => {
    const made = await site(plain((_, res) => void res.end()));
    const handler = withPageCache(
      { cache: made.pages.cache },
      () => new Response(inTurns('<p>', 'page'), { headers: html }),
    );
    const response = await handler(new Request('http://site.test/page'));
    for await (const chunk of response.body!)
      structuredClone(chunk.buffer, { transfer: [chunk.buffer as ArrayBuffer] });
    await made.outcome('/page');
    expect((await made.read('page')).toString()).toBe('<p>page');
  });

  it('says what the cache did on a response that the application sends again and again', async () => {
    const made = await site(plain((_, res) => void res.end()));
    const gone = new Response(null, { status: 410 });
    const handler = withPageCache({ cache: made.pages.cache }, () => gone);
    for (const path of ['/a', '/a?b', '/a', '/a?b']) {
      const { headers } = await handler(new Request(`http://site.test${path}`));
      expect(headers.get('cache-status')).toMatch(/^pagetree; fwd=[a-z-]+; detail=[a-z-]+$/);
    }
  });
});

describe('an application that wants a page not to be stored', () => {
  const cases = {
    'marks the response': (request: Request, body: string) => {
      void request;
      return noStore(new Response(body, { headers: html }));
    },
    'marks the request': (request: Request, body: string) => {
      noStore(request);
      return new Response(body, { headers: html });
    },
    'marks a copy of the request, as frameworks pass one on': async (request: Request, body: string) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      noStore(new Request(request.url));
      return new Response(body, { headers: html });
    },
    'marks a response that the framework copies': async (request: Request, body: string) => {
      void request;
      const made = noStore(new Response(body, { headers: html }));
      return new Response(await made.text(), made);
    },
    'marks a copy of the request after its head': (request: Request, body: string) => {
      setTimeout(() => noStore(new Request(request.url)), 5);
      return new Response(
        new ReadableStream({
          async pull(controller) {
            await new Promise((resolve) => setTimeout(resolve, 50));
            controller.enqueue(encode(body));
            controller.close();
          },
        }),
        { headers: html },
      );
    },
    'marks the request while it streams': (request: Request, body: string) =>
      new Response(
        new ReadableStream({
          async pull(controller) {
            await new Promise((resolve) => setTimeout(resolve, 5));
            controller.enqueue(encode(body));
            noStore(request);
            controller.close();
          },
        }),
        { headers: html },
      ),
  };
  for (const [name, app] of Object.entries(cases)) {
    it(name, async () => {
      const made = await site(serve((request) => app(request, '<p>page')));
      expect((await made.ask('/page')).text).toBe('<p>page');
      expect(await made.outcome('/page')).toMatchObject({ type: 'refused', reason: 'should-store' });
      expect(await made.files()).toEqual([]);
    });
  }

  it('is followed only while a page is being stored', async () => {
    const answering = (globalThis as Record<symbol, unknown>)[Symbol.for('pagetree.answering')] as {
      storage: AsyncLocalStorage<object>;
      running: number;
    };
    const disable = vi.spyOn(answering.storage, 'disable');
    const gate = barrier();
    let running: number | undefined;
    const made = await site(
      serve(async () => {
        running = answering.running;
        await gate.opened;
        return new Response('<p>page', { headers: html });
      }),
    );
    const asked = made.ask('/page');
    await made.seen(['miss'], '/page');
    gate.open();
    await asked;
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored' });
    expect(running).toBe(1);
    await until(async () => disable.mock.calls.length === 1);
    expect(answering.running).toBe(0);
    await made.ask('/page');
    expect(disable.mock.calls.length).toBe(1);
    disable.mockRestore();
  });
});
