/** Connections: reuse, pipelining, both protocols' compatibility layer, and what happens when the tree can't be read. */
import { once } from 'node:events';
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Lookup } from '@pagetree/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { withPageCache } from '../src/index.ts';
import { shell } from '../src/node/shell.ts';
import { fake } from './support/fake-cache.ts';
import { compare, GET, STORED } from './support/parity.ts';
import { listen, plain, site } from './support/site.ts';
import { ask, Line, request } from './support/wire.ts';

const head = { 'Content-Type': 'text/html; charset=utf-8' };

describe('a connection', () => {
  it('is used again after a miss, a bypass, a refusal and a hit', async () => {
    const made = await site(
      plain((req, res) => res.writeHead(req.url === '/none' ? 404 : 200, head).end(`<p>${req.url}</p>`)),
    );
    const line = new Line(made.port);
    const said = [];
    for (const target of ['/a', '/a?b', '/none', '/a']) {
      line.send(request(target));
      said.push(/Cache-Status: (.*)\r/.exec(await line.until('</p>'))?.[1]);
      if (said.length === 1) await made.outcome('/a');
    }
    expect(said).toEqual([
      STORED,
      'pagetree; fwd=bypass; detail=query',
      'pagetree; fwd=uri-miss; detail=status',
      'pagetree; hit',
    ]);
    line.leave();
  });

  it('with several requests in one packet is answered in order, byte for byte', async () => {
    const { site } = await compare((req, res) => res.writeHead(200, head).end(`<p>${req.url}</p>`), {
      send:
        ['/a', '/b', '/c'].map((target) => request(target)).join('') + request('/d', ['Connection: close']),
    });
    for (const key of ['/a', '/b', '/c', '/d'])
      expect(await site.outcome(key)).toMatchObject({ type: 'stored' });
  });

  it('answers to a request that came in two pieces', async () => {
    const made = await site(plain((_, res) => res.writeHead(200, head).end('<p></p>')));
    const line = new Line(made.port);
    line.send(GET.slice(0, 20));
    await new Promise(setImmediate);
    line.send(GET.slice(20));
    await line.until('</p>');
    await line.closed();
    await made.outcome('/page');
  });

  it('whose client has closed its half gets its answers: miss, hit and pipelined', async () => {
    const made = await site(
      plain((req, res) => res.writeHead(200, head).end(`<p>${req.url}</p>${'x'.repeat(200_000)}`)),
    );
    const half = async (bytes: string): Promise<string[]> => {
      const line = new Line(made.port);
      line.socket.end(bytes);
      await line.closed();
      return [...line.received.matchAll(/<p>(\S+)<\/p>/g)].map(([, url]) => url!);
    };
    expect(await half(request('/a'))).toEqual(['/a']);
    await made.outcome('/a');
    expect(await half(request('/a'))).toEqual(['/a']);
    expect(await half(request('/b') + request('/a') + request('/c') + request('/d?e'))).toEqual([
      '/b',
      '/a',
      '/c',
      '/d?e',
    ]);
  });

  it('whose client leaves while the cache is asked: the application hears of it', async () => {
    let asked: () => void = () => {};
    let found: (lookup: Lookup) => void = () => {};
    const asking = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const answer = shell({
      cache: fake(() => {
        asked();
        return new Promise((resolve) => {
          found = resolve;
        });
      }),
      report: () => {},
    });
    const heard: string[] = [];
    let close: () => void = () => {};
    const closed = new Promise<void>((resolve) => {
      close = resolve;
    });
    const server = await listen((req, res) =>
      answer(req, res, () => {
        req.on('aborted', () => heard.push('aborted'));
        res.on('close', () => {
          heard.push('close');
          close();
        });
      }),
    );
    const line = new Line(server.port);
    line.send(request('/page'));
    await asking;
    line.leave();
    await line.closed();
    found({ kind: 'bypass', reason: 'cookie' });
    await closed;
    expect(heard).toEqual(['aborted', 'close']);
  });

  it('whose client leaves while a large hit waits for its turn: the application hears of it', async () => {
    let isOpen: () => void = () => {};
    const opened = new Promise<void>((resolve) => {
      isOpen = resolve;
    });
    let hear: () => void = () => {};
    const heard = new Promise<void>((resolve) => {
      hear = resolve;
    });
    const made = await site(
      plain((req, res) => {
        if (req.url !== '/events?a') return res.writeHead(200, head).end('x'.repeat(3_000_000));
        res.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(':\n\n');
        res.on('close', hear);
        isOpen();
      }),
    );
    await ask(made.port, '/large');
    await made.outcome('/large');
    const line = new Line(made.port);
    line.send(request('/events?a') + request('/large'));
    await opened;
    await line.until(':\n\n');
    line.leave();
    await heard;
  });

  it('of HTTP/2: misses and hits through the compatibility layer, counted once', async () => {
    const made = await site(plain((_, res) => res.end()));
    const server = createHttp2((req, res) =>
      made.pages(req as never, res as never, () => {
        res.setHeader('content-type', head['Content-Type']);
        res.write('<p>');
        res.end('two</p>');
      }),
    );
    server.listen(0);
    await once(server, 'listening');
    const client = connectHttp2(`http://localhost:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => {
      client.destroy();
      server.close();
    });
    const get = async (): Promise<[unknown, string]> => {
      const stream = client.request({ ':path': '/page' });
      const [headers] = await once(stream, 'response');
      let text = '';
      for await (const chunk of stream) text += chunk;
      return [headers['cache-status'], text];
    };
    expect(await get()).toEqual([STORED, '<p>two</p>']);
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored', bytes: 10 });
    expect(await get()).toEqual(['pagetree; hit', '<p>two</p>']);
  });
});

describe('one cache', () => {
  it('for two listeners, closed by its owner alone', async () => {
    const made = await site(plain((_, res) => res.writeHead(200, head).end('first')));
    const second = withPageCache({ cache: made.pages.cache }, (_, res) => void res.end('second'));
    expect(second.cache).toBe(made.pages.cache);
    const other = await listen(second);
    await made.fill('/page');
    expect((await ask(other.port, '/page')).text).toBe('first');
    await second.close();
    expect((await made.fill('/more')).headers['cache-status']).toBe(STORED);
  });
});
