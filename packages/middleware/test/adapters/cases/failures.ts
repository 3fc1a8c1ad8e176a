/** What goes wrong on Node's own response: destruction, errors that nobody catches, clients that leave. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { broken, html, NOBODY_ANSWERS } from '../stage.ts';
import type { Cases } from '../suite.ts';
import { byHand, codeOf } from './by-hand.ts';

async function* failing(): AsyncGenerator<string> {
  yield 'half';
  throw broken('render failed');
}

const unfinished = ['aborted: unfinished'];

export const failures: Cases = {
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
};
