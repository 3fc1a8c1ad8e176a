/** What only Node's own response can do: heads in every form, callbacks, trailers, hints, misuse, destruction. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { broken, html, NOBODY_ANSWERS, type OnNode } from '../stage.ts';
import type { Case, Cases } from '../suite.ts';

const type = html['Content-Type'];

/** One page by hand. */
function byHand(onNode: OnNode, rest: Omit<Case, 'onNode'> = {}): Case {
  return { onNode, ...rest };
}

/** The fields that a response has, but for ours. */
function ownNames(res: ServerResponse): string[] {
  return res.getHeaderNames().filter((name) => name !== 'cache-status');
}

function codeOf(error: unknown): unknown {
  return (error as NodeJS.ErrnoException).code;
}

async function* failing(): AsyncGenerator<string> {
  yield 'half';
  throw broken('render failed');
}

const unfinished = ['aborted: unfinished'];

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
  'strictContentLength, which throws': byHand(
    (req, res, run) => {
      res.strictContentLength = true;
      res.writeHead(200, { ...html, 'Content-Length': 9 });
      try {
        res.end('short');
      } catch (error) {
        run.note(codeOf(error));
        req.socket.destroy();
      }
    },
    { fates: null },
  ),
  'an error after the first byte that is written into the page': byHand(
    (_, res) => {
      res.writeHead(200, { ...html, 'Content-Length': 100 });
      res.write('half');
      res.end('Error: render failed');
    },
    { fates: ['refused: length-mismatch'] },
  ),
  'a pipeline whose source fails': byHand(
    async (_, res, run) => {
      res.writeHead(200, html);
      await pipeline(Readable.from(failing()), res).catch((error: Error) => run.note(error.message));
    },
    { fates: unfinished },
  ),
  'pipe() of a source that fails, which nobody hears': byHand(
    (_, res) => {
      res.writeHead(200, html);
      Readable.from(failing()).pipe(res);
    },
    { fates: unfinished },
  ),
  'the response is destroyed with an error midway': byHand(
    (_, res, run) => {
      res.on('error', (error) => run.note(error.message));
      res.on('close', () => run.note('close'));
      res.writeHead(200, html);
      res.write('half');
      setImmediate(() => res.destroy(broken('render failed')));
    },
    { fates: unfinished },
  ),
  'the response is destroyed before the head': byHand((_, res) => void res.destroy(), { fates: null }),
  'the socket is destroyed midway': byHand(
    (req, res) => {
      const { socket } = req;
      res.writeHead(200, html);
      res.write('half');
      setImmediate(() => socket.destroy());
    },
    { fates: null },
  ),
  'a handler that throws': byHand(
    () => {
      throw broken('thrown');
    },
    { fates: null, needs: ['errors on the node response'] },
  ),
  'a handler that throws after the first byte': byHand(
    (_, res) => {
      res.writeHead(200, html);
      res.write('half');
      throw broken('thrown late');
    },
    {
      client: async (client, run, failed) => {
        const opened = client.open();
        await opened.until('half').catch(() => {});
        await Promise.race([opened.done(), failed(), run.hear(NOBODY_ANSWERS)]);
      },
      fates: null,
      needs: ['errors on the node response'],
    },
  ),
  'a handler that rejects': byHand(
    async () => {
      await new Promise(setImmediate);
      throw broken('rejected');
    },
    { fates: null, needs: ['errors on the node response'] },
  ),
  'what is thrown in a timer': byHand(
    () =>
      void setImmediate(() => {
        throw broken('thrown in a timer');
      }),
    { fates: null },
  ),
  'an error event that nobody hears': byHand(
    (_, res) => {
      res.writeHead(200, html).end('page');
      setImmediate(() => res.emit('error', broken('emitted')));
    },
    { fates: null },
  ),
  'a client that leaves midway: the events of request and response': byHand(
    (req, res, run) => {
      req.on('aborted', () => run.note('aborted'));
      req.on('close', () => run.note('the request is closed'));
      res.on('close', () => {
        run.note(['the response is closed', res.writableEnded]);
        run.tell('closed');
      });
      res.on('finish', () => run.note('finish'));
      res.writeHead(200, html);
      res.write('half');
    },
    {
      client: async (client, run) => {
        const opened = client.open();
        await opened.until('half');
        opened.leave();
        await run.hear('closed');
      },
      fates: unfinished,
    },
  ),
  'a timeout of the response': byHand(
    (_, res, run) => {
      res.setTimeout(30, () => {
        run.note('timeout');
        res.writeHead(504, html).end('too late');
      });
    },
    { fates: ['refused: status'] },
  ),
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
