/** Heads that are not those of a page: answered as without the cache, and nothing is stored. */
import { describe, expect, it } from 'vitest';
import { compare, type Observed } from './support/parity.ts';

const type = 'text/html; charset=utf-8';
const refused = (reason: string) => `pagetree; fwd=uri-miss; detail=${reason}`;

/** Each is answered as it was, and not stored. */
const others: Record<string, [app: Observed, status: string | null]> = {
  '204': [(_, res) => res.writeHead(204).end(), refused('status')],
  '304 from the application': [(_, res) => res.writeHead(304, { ETag: '"a"' }).end(), refused('status')],
  '302': [(_, res) => res.writeHead(302, { Location: '/other' }).end('moved'), refused('status')],
  '404': [(_, res) => res.writeHead(404, { 'Content-Type': type }).end('none'), refused('status')],
  '500': [(_, res) => res.writeHead(500).end('broken'), refused('status')],
  '206': [
    (_, res) => res.writeHead(206, { 'Content-Type': type, 'Content-Range': 'bytes 0-1/9' }).end('ab'),
    refused('partial-content'),
  ],
  'a status that does not exist': [
    (_, res, log) => {
      try {
        res.writeHead(99);
      } catch (error) {
        log((error as NodeJS.ErrnoException).code);
        res.writeHead(500).end();
      }
    },
    refused('status'),
  ],
  'a header that cannot be sent, then an error page': [
    (_, res, log) => {
      try {
        res.writeHead(200, { 'Content-Type': type, 'X-Bad': 'a\nb' });
      } catch (error) {
        log((error as NodeJS.ErrnoException).code);
        log(res.headersSent);
        res.writeHead(500, { 'Content-Type': type }).end('broken');
      }
    },
    refused('unfinished'),
  ],
  'a header set to nonsense': [
    (_, res, log) => {
      try {
        res.setHeader('X-Bad', 'a\u0100');
      } catch (error) {
        log((error as NodeJS.ErrnoException).code);
        res.statusCode = 500;
        res.end('broken');
      }
    },
    refused('status'),
  ],
  'a flat array with an odd number of members': [
    (_, res, log) => {
      try {
        res.writeHead(200, ['Content-Type', type, 'X-Odd'] as never);
      } catch (error) {
        log(String(error));
        res.writeHead(500).end('broken');
      }
    },
    refused('unfinished'),
  ],
  'pairs after setHeader, which Node does not take': [
    (_, res, log) => {
      res.setHeader('X-Before', '1');
      try {
        res.writeHead(200, [
          ['Content-Type', type],
          ['X-One', '1'],
        ] as never);
        log('taken');
        res.end('page');
      } catch (error) {
        log((error as NodeJS.ErrnoException).code);
        res.writeHead(500).end('broken');
      }
    },
    null,
  ],
  'a second writeHead': [
    (_, res, log) => {
      res.writeHead(404, { 'Content-Type': type });
      try {
        res.writeHead(200);
      } catch (error) {
        log(String(error));
      }
      res.end('x');
    },
    refused('status'),
  ],
  trailers: [
    (_, res) => {
      res.writeHead(200, { 'Content-Type': type, Trailer: 'X-Sum' });
      res.write('page');
      res.addTrailers({ 'X-Sum': '9' });
      res.end();
    },
    refused('trailers'),
  ],
};

describe('a response that is not stored', () => {
  for (const [name, [app, status]] of Object.entries(others)) {
    it(name, async () => {
      const { site } = await compare(app, { status });
      await site.outcome('/page');
      expect(await site.files()).toEqual([]);
    });
  }

  it('trailers that were not announced', async () => {
    const { site } = await compare((_, res) => {
      res.writeHead(200, { 'Content-Type': type });
      res.write('page');
      res.addTrailers({ 'X-Sum': '9' });
      res.end();
    });
    expect(await site.outcome('/page')).toMatchObject({ type: 'refused', reason: 'trailers' });
  });
});
