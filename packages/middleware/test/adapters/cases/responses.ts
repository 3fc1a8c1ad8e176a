/** What only Node's own response can do: heads in every form, callbacks, trailers, hints, misuse. */
import type { ServerResponse } from 'node:http';
import { html } from '../stage.ts';
import type { Cases } from '../suite.ts';
import { byHand, codeOf } from './by-hand.ts';

const type = html['Content-Type'];

/** The fields that a response has, but for ours. */
function ownNames(res: ServerResponse): string[] {
  return res.getHeaderNames().filter((name) => name !== 'cache-status');
}

export const responses: Cases = {
  'an implicit head': byHand((_, res) => {
    res.setHeader('content-type', type);
    res.end('page');
  }),
  'writeHead with an object, and what it says afterwards': byHand((_, res, run) => {
    res.writeHead(200, { ...html, 'X-Number': 7, 'X-List': ['a', 'b'] });
    run.note([res.headersSent, res.statusCode, ownNames(res), res.hasHeader('content-type')]);
    res.end('page');
  }),
  'writeHead with a reason phrase': byHand((_, res) => {
    res.writeHead(200, 'Very OK', html).end('page');
  }),
  'writeHead with a flat array': byHand((_, res) => {
    res.writeHead(200, ['Content-Type', type, 'X-One', '1', 'X-One', '2']).end('page');
  }),
  'setHeader, and writeHead that overrides': byHand((_, res) => {
    res.setHeader('Content-Type', 'text/plain');
    res.setHeader('X-Before', 'yes');
    res.writeHead(200, { 'content-type': type }).end('page');
  }),
  'setHeader, appendHeader and removeHeader': byHand((_, res, run) => {
    res.setHeader('Content-Type', type);
    res.setHeader('X-Gone', '1');
    for (const value of ['a', 'b']) res.appendHeader?.('X-More', value);
    res.removeHeader('X-Gone');
    run.note(res.getHeaders());
    res.end('page');
  }),
  'statusCode and statusMessage': byHand((_, res) => {
    res.statusCode = 200;
    res.statusMessage = 'Fine';
    res.setHeader('Content-Type', type);
    res.end('page');
  }),
  'flushHeaders, then a page much later': byHand(
    async (_, res, run) => {
      res.setHeader('Content-Type', type);
      res.flushHeaders();
      run.note(res.headersSent);
      await run.hear('nothing is there yet');
      res.end('page');
    },
    {
      client: async (client, run) => {
        const opened = client.open();
        setImmediate(() => run.tell('nothing is there yet'));
        await opened.done();
      },
    },
  ),
  'no Date': byHand((_, res) => {
    res.sendDate = false;
    res.writeHead(200, html).end('page');
  }),
  'names in letters of their own': byHand((_, res) => {
    res.writeHead(200, { 'cOnTeNt-TyPe': type, 'X-CaSe': '1' }).end('page');
  }),
  'a field that Node refuses, and another head after it': byHand(
    (_, res, run) => {
      try {
        res.writeHead(200, { ...html, 'X-Bad': 'a\nb' });
      } catch (error) {
        run.note(codeOf(error));
      }
      if (!res.headersSent) res.setHeader('Content-Type', type);
      res.end('page');
    },
    { fates: null },
  ),
  'two heads': byHand((_, res, run) => {
    res.writeHead(200, html);
    res.write('page');
    try {
      res.writeHead(404);
    } catch (error) {
      run.note(codeOf(error));
    }
    res.end();
  }),
  'a header that comes too late': byHand((_, res, run) => {
    res.writeHead(200, html);
    res.write('page');
    try {
      res.setHeader('X-Late', '1');
    } catch (error) {
      run.note(codeOf(error));
    }
    res.end();
  }),
  'callbacks and return values of write and end, in order': byHand((_, res, run) => {
    res.writeHead(200, html);
    res.on('finish', () => run.note('finish'));
    run.note(res.write('a', () => run.note('a is sent')));
    run.note(res.write('b', 'utf8', () => run.note('b is sent')));
    res.end('c', 'utf8', () => run.note('ended'));
    run.note([res.writableEnded, res.headersSent]);
  }),
  'end(callback) alone': byHand((_, res, run) => {
    res.writeHead(200, html);
    res.write('page');
    res.end(() => run.note('ended'));
  }),
  'strings in latin1, base64 and hex': byHand((_, res) => {
    res.writeHead(200, html);
    res.write('plain', 'latin1');
    res.write(Buffer.from('é').toString('base64'), 'base64');
    res.end(Buffer.from('ü').toString('hex'), 'hex');
  }),
  'backpressure is told, and drain comes': byHand(async (_, res, run) => {
    res.writeHead(200, html);
    run.note(res.write(Buffer.alloc(1 << 20, 'z')));
    await new Promise((resolve) => res.once('drain', resolve));
    res.end('end');
  }),
  'cork and uncork': byHand((_, res) => {
    res.writeHead(200, html);
    res.cork();
    res.write('a');
    res.write('b');
    res.uncork();
    res.end('c');
  }),
  'end() twice, and write() after it': byHand((_, res, run) => {
    res.on('error', (error) => run.note(codeOf(error)));
    res.writeHead(200, html).end('page');
    res.end((error?: Error) => run.note(['again', codeOf(error ?? {})]));
    run.note(res.write('more'));
  }),
  'a chunk of no sensible type': byHand((_, res, run) => {
    res.writeHead(200, html);
    try {
      res.write(7 as unknown as string);
    } catch (error) {
      run.note(codeOf(error));
    }
    res.end('page');
  }),
  trailers: byHand(
    (_, res) => {
      res.writeHead(200, { ...html, Trailer: 'X-Sum' });
      res.write('page');
      res.addTrailers({ 'X-Sum': '1' });
      res.end();
    },
    { fates: ['refused: trailers'] },
  ),
  'trailers that nobody announced': byHand(
    (_, res) => {
      res.writeHead(200, html);
      res.write('page');
      res.addTrailers({ 'X-Sum': '1' });
      res.end();
    },
    { fates: null },
  ),
  'early hints': byHand((_, res) => {
    res.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' });
    setImmediate(() => res.writeHead(200, html).end('page'));
  }),
  '100 and 102 from the application': byHand((_, res) => {
    res.writeContinue();
    res.writeProcessing?.();
    setImmediate(() => res.writeHead(200, html).end('page'));
  }),
  'what the application sees of its connection': byHand((req, res, run) => {
    run.note([
      req.httpVersion,
      req.socket === res.socket,
      typeof req.socket.remotePort,
      req.aborted,
      res.req === req,
      res.writable,
      res.destroyed,
    ]);
    res.writeHead(200, html).end('page');
  }),
};
