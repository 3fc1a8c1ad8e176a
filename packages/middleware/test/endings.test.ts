import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { noStore } from '../src/index.ts';
import { compare, type Observed } from './support/parity.ts';
import { site } from './support/site.ts';

const head = { 'Content-Type': 'text/html; charset=utf-8' };

async function* failing(): AsyncGenerator<string> {
  yield 'half a page';
  throw new Error('render failed');
}

/** Each ends the connection, or the response, badly; the client sees the same and nothing is stored. */
const bad: Record<string, [app: Observed, type: 'aborted' | 'refused', reason: string]> = {
  'the socket is destroyed after the first byte': [
    (req, res) => {
      res.writeHead(200, head);
      res.write('half');
      setImmediate(() => req.socket.destroy());
    },
    'aborted',
    'unfinished',
  ],
  'the response is destroyed with an error': [
    (_, res, log) => {
      res.on('error', () => log('error'));
      res.on('close', () => log('close'));
      res.writeHead(200, head);
      res.write('half');
      setImmediate(() => res.destroy(new Error('render failed')));
    },
    'aborted',
    'unfinished',
  ],
  'the response is destroyed with an error before the head': [
    (_, res) => void res.destroy(new Error('render failed')),
    'aborted',
    'unfinished',
  ],
  'a pipeline whose source fails': [
    (_, res, log) => {
      res.writeHead(200, head);
      return pipeline(Readable.from(failing()), res).catch((error: Error) => log(error.message));
    },
    'aborted',
    'unfinished',
  ],
  'a pipeline whose source fails, with a length that was promised': [
    (_, res, log) => {
      res.writeHead(200, { ...head, 'Content-Length': 100 });
      return pipeline(Readable.from(failing()), res).catch((error: Error) => log(error.message));
    },
    'aborted',
    'unfinished',
  ],
  'fewer bytes than Content-Length': [
    (_, res) => {
      res.shouldKeepAlive = false;
      res.writeHead(200, { ...head, 'Content-Length': 10 }).end('short');
    },
    'refused',
    'length-mismatch',
  ],
  'more bytes than Content-Length': [
    (_, res) => res.writeHead(200, { ...head, 'Content-Length': 2 }).end('too long'),
    'refused',
    'length-mismatch',
  ],
  'strictContentLength, which throws': [
    (req, res, log) => {
      res.strictContentLength = true;
      res.writeHead(200, { ...head, 'Content-Length': 9 });
      try {
        res.end('short');
      } catch (error) {
        log((error as NodeJS.ErrnoException).code);
        req.socket.destroy();
      }
    },
    'aborted',
    'unfinished',
  ],
  'an error after the first byte that is written into the page, with another length': [
    (_, res) => {
      res.writeHead(200, { ...head, 'Content-Length': 100 });
      res.write('half');
      res.end('Error: render failed');
    },
    'refused',
    'length-mismatch',
  ],
};

describe('a response that ends badly', () => {
  for (const [name, [app, type, reason]] of Object.entries(bad)) {
    // The status was said before the end was known; what was stored counts.
    it(name, async () => {
      const { site } = await compare(app, { status: null });
      expect(await site.outcome('/page')).toMatchObject({ type, reason });
      expect(await site.files()).toEqual([]);
    });
  }
});

describe('noStore', () => {
  it('before the head, between two chunks, and without a cache', async () => {
    let when = 'before';
    const made = await site((pages) => (req, res) => {
      const app = () => {
        if (when === 'before') noStore(res);
        res.writeHead(200, head);
        res.write('a');
        if (when === 'between') noStore(res);
        res.end('b');
      };
      if (when === 'without') app();
      else pages!(req, res, app);
    });
    expect((await made.ask('/one')).headers['cache-status']).toBe(
      'pagetree; fwd=uri-miss; detail=should-store',
    );
    when = 'between';
    expect((await made.ask('/two')).text).toBe('ab');
    when = 'without';
    expect((await made.ask('/three')).text).toBe('ab');
    expect(await made.outcome('/one')).toMatchObject({ type: 'refused', reason: 'should-store' });
    expect(await made.outcome('/two')).toMatchObject({ type: 'refused', reason: 'should-store' });
    expect(await made.files()).toEqual([]);
  });
});
