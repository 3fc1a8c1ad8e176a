/** Heads of a miss: `writeHead` in all its forms, implicit heads, statuses, informational responses. */
import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { compare, type Observed, STORED } from './support/parity.ts';
import { plain, site } from './support/site.ts';
import { Line, request } from './support/wire.ts';

const type = 'text/html; charset=utf-8';

/** Each answers a page; the head comes in another form. */
const forms: Record<string, Observed> = {
  'an implicit head': (_, res) => {
    res.setHeader('content-type', type);
    res.end('page');
  },
  'statusCode and statusMessage': (_, res) => {
    res.statusCode = 200;
    res.statusMessage = 'Fine';
    res.setHeader('Content-Type', type);
    res.end('page');
  },
  'writeHead with an object': (_, res, log) => {
    log(res.writeHead(200, { 'Content-Type': type, 'X-Number': 7, 'X-List': ['a', 'b'] }) === res);
    log([res.headersSent, res.getHeaderNames(), res.hasHeader('content-type')]);
    res.end('page');
  },
  'writeHead with a reason phrase': (_, res) =>
    res.writeHead(200, 'Very OK', { 'Content-Type': type }).end('page'),
  'writeHead with a reason phrase alone': (_, res) => {
    res.setHeader('Content-Type', type);
    res.writeHead(200, 'Very OK').end('page');
  },
  'writeHead with a flat array': (_, res, log) => {
    res.writeHead(200, ['Content-Type', type, 'X-One', '1', 'X-One', '2']);
    log(res.getHeaderNames());
    res.end('page');
  },
  'writeHead with pairs': (_, res) =>
    res
      .writeHead(200, [
        ['Content-Type', type],
        ['X-One', '1'],
      ] as never)
      .end('page'),
  'writeHead with undefined where the reason is': (_, res) =>
    res.writeHead(200, undefined, { 'Content-Type': type }).end('page'),
  'setHeader and writeHead with an object that overrides': (_, res, log) => {
    res.setHeader('Content-Type', 'text/plain');
    res.setHeader('X-Before', 'yes');
    res.writeHead(200, { 'content-type': type });
    log({ ...res.getHeaders(), 'cache-status': '' });
    res.end('page');
  },
  'setHeader and writeHead with a flat array': (_, res) => {
    res.setHeader('X-Before', 'yes');
    res.writeHead(200, ['Content-Type', type, 'X-After', 'too']).end('page');
  },
  'setHeaders, appendHeader and removeHeader': (_, res) => {
    res.setHeaders(
      new Map([
        ['content-type', type],
        ['x-gone', '1'],
      ]),
    );
    res.appendHeader('X-More', 'a').appendHeader('X-More', 'b');
    res.removeHeader('x-gone');
    res.end('page');
  },
  'flushHeaders before the body': (_, res, log) => {
    res.setHeader('Content-Type', type);
    res.flushHeaders();
    log(res.headersSent);
    setImmediate(() => res.end('page'));
  },
  'no Date': (_, res) => {
    res.sendDate = false;
    res.writeHead(200, { 'Content-Type': type }).end('page');
  },
  'a name of its own letters': (_, res) =>
    res.writeHead(200, { 'cOnTeNt-TyPe': type, 'X-CaSe': '1' }).end('page'),
  'Connection: close from the application': (_, res) =>
    res.writeHead(200, { 'Content-Type': type, Connection: 'close' }).end('page'),
};

describe('the head of a miss', () => {
  for (const [name, app] of Object.entries(forms)) {
    it(name, async () => {
      const { site } = await compare(app, { status: STORED });
      expect(await site.outcome('/page')).toMatchObject({ type: 'stored', bytes: 4 });
    });
  }
});

describe('around the head', () => {
  it('Cache-Status of the application stays, and ours follows', async () => {
    const said: Observed[] = [
      (_, res) => {
        res.setHeader('Cache-Status', 'app; hit');
        res.writeHead(200, { 'Content-Type': type }).end('p');
      },
      (_, res) => res.writeHead(200, { 'Content-Type': type, 'cache-status': 'app; hit' }).end('p'),
      (_, res) => res.writeHead(200, ['Content-Type', type, 'Cache-Status', 'app; hit']).end('p'),
      (_, res) =>
        res
          .writeHead(200, [
            ['Content-Type', type],
            ['Cache-Status', 'app; hit'],
          ] as never)
          .end('p'),
    ];
    for (const app of said) {
      const made = await site(plain((req, res) => void app(req, res, () => {})));
      expect((await made.ask('/page')).headers['cache-status']).toBe(`app; hit, ${STORED}`);
    }
  });

  it('early hints and processing go ahead of the head', async () => {
    await compare((_, res) => {
      res.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' });
      res.writeProcessing();
      setImmediate(() => res.writeHead(200, { 'Content-Type': type }).end('page'));
    });
  });

  it('Expect: 100-continue is answered before the application is asked', async () => {
    await compare(
      (req, res) => {
        req.resume();
        req.on('end', () => res.writeHead(200, { 'Content-Type': type }).end('page'));
      },
      {
        send: `${request('/page', ['Connection: close', 'Expect: 100-continue', 'Content-Length: 2'], 'POST')}ab`,
        status: 'pagetree; fwd=method',
      },
    );
  });

  it('the body of a POST is all there, though the cache was asked first', async () => {
    const made = await site(
      plain(async (req, res) => {
        let body = '';
        for await (const chunk of req) body += chunk;
        res.end(body);
      }),
    );
    const body = 'x'.repeat(200_000);
    const answer = await new Promise<string>((resolve, reject) => {
      const req = httpRequest({ port: made.port, method: 'POST', path: '/page' }, (res) => {
        let text = '';
        res.on('data', (chunk) => {
          text += chunk;
        });
        res.on('end', () => resolve(text));
      });
      req.on('error', reject);
      req.end(body);
    });
    expect(answer).toBe(body);
  });

  it('the first chunk is there before the application has ended', async () => {
    let finish: () => void = () => {};
    const made = await site(
      plain((_, res) => {
        res.writeHead(200, { 'Content-Type': type });
        res.write('<p>early');
        finish = () => res.end('</p>');
      }),
    );
    const line = new Line(made.port);
    line.send(request('/page', ['Connection: close']));
    await line.until('<p>early');
    finish();
    await line.until('</p>');
    await line.closed();
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored' });
  });

  it('the head is there before the first chunk when it was flushed', async () => {
    let finish: () => void = () => {};
    const made = await site(
      plain((_, res) => {
        res.setHeader('Content-Type', type);
        res.flushHeaders();
        finish = () => res.end('page');
      }),
    );
    const line = new Line(made.port);
    line.send(request('/page', ['Connection: close']));
    expect(await line.until('\r\n\r\n')).toContain(`Cache-Status: ${STORED}`);
    finish();
    await line.until('page');
    await made.outcome('/page');
  });
});
