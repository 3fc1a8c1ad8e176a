/** Bodies of a miss: the same bytes, in the same pieces, with the cache off and on. */
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { compare, type Observed, STORED } from './support/parity.ts';
import { folder } from './support/site.ts';
import { request } from './support/wire.ts';

const html =
  (app: Observed): Observed =>
  (req, res, log) => {
    res.setHeader('Content-Type', 'text/html; charset=utf-8');
    return app(req, res, log);
  };

function inTwo(res: ServerResponse, first: string, last?: string): void {
  res.write(first);
  res.end(last);
}

const cases: Record<string, [app: Observed, body: string]> = {
  'one end()': [html((_, res) => res.end('<p>whole</p>')), '<p>whole</p>'],
  'end() with a buffer': [html((_, res) => res.end(Buffer.from('<p>é</p>'))), '<p>é</p>'],
  'end() with a Uint8Array': [html((_, res) => res.end(new Uint8Array([60, 112, 62]))), '<p>'],
  'write() and end()': [html((_, res) => inTwo(res, '<p>', '</p>')), '<p></p>'],
  'write() and an empty end()': [html((_, res) => inTwo(res, '<p>one</p>')), '<p>one</p>'],
  'an empty write() is no chunk': [html((_, res) => inTwo(res, '', 'x')), 'x'],
  'end() with an empty string after writes': [html((_, res) => inTwo(res, 'x', '')), 'x'],
  'a thousand writes': [
    html((_, res) => {
      for (let at = 0; at < 1000; at += 1) res.write(`${at},`);
      res.end();
    }),
    Array.from({ length: 1000 }, (_, at) => `${at},`).join(''),
  ],
  'strings in latin1, base64 and hex': [
    html((_, res) => {
      res.write('plain', 'latin1');
      res.write(Buffer.from('é').toString('base64'), 'base64');
      res.end(Buffer.from('ü').toString('hex'), 'hex');
    }),
    'plainéü',
  ],
  'utf16le text that happens to be UTF-8': [html((_, res) => res.end('ab', 'utf16le')), 'a\0b\0'],
  'a Content-Length of its own': [
    html((_, res) => {
      res.setHeader('Content-Length', 4);
      res.write('ab');
      res.end('cd');
    }),
    'abcd',
  ],
  'pipe()': [html((_, res) => Readable.from(['<p>', 'piped', '</p>']).pipe(res)), '<p>piped</p>'],
  'pipeline()': [html((_, res) => pipeline(Readable.from([Buffer.from('a'), Buffer.from('b')]), res)), 'ab'],
  'a transform': [
    html((_, res) => {
      const through = new PassThrough();
      through.pipe(res);
      through.write('a');
      through.end('b');
    }),
    'ab',
  ],
  'writes over several turns': [
    html(async (_, res) => {
      for (const part of ['a', 'b', 'c']) {
        res.write(part);
        await new Promise(setImmediate);
      }
      res.end('d');
    }),
    'abcd',
  ],
  'a buffer that is used again after it was sent': [
    html((_, res) => {
      const buffer = Buffer.from('first');
      res.write(buffer, () => {
        buffer.write('other');
        res.end(buffer);
      });
    }),
    'firstother',
  ],
};

describe('the body of a miss', () => {
  for (const [name, [app, body]] of Object.entries(cases)) {
    it(name, async () => {
      const { site } = await compare(app);
      expect(await site.outcome('/page')).toMatchObject({ type: 'stored', bytes: Buffer.byteLength(body) });
      expect((await site.read('page')).toString()).toBe(body);
      const hit = await site.ask('/page');
      expect(hit.headers['cache-status']).toBe('pagetree; hit');
      expect(hit.text).toBe(body);
    });
  }

  it('a file that is streamed', async () => {
    const file = join(await folder(), 'file');
    await writeFile(file, 'x'.repeat(300_000));
    const { site } = await compare(html((_, res) => createReadStream(file).pipe(res)));
    await site.outcome('/page');
    expect(await site.read('page')).toEqual(Buffer.alloc(300_000, 'x'));
  });

  it('10 MB in pieces, to a client that reads slowly', async () => {
    const piece = Buffer.alloc(65_536, 'y');
    const { site } = await compare(
      html(async (_, res, log) => {
        let waited = 0;
        for (let at = 0; at < 160; at += 1) {
          if (res.write(piece)) continue;
          waited += 1;
          await new Promise((resolve) => res.once('drain', resolve));
        }
        log(waited > 0);
        res.end();
      }),
    );
    expect(await site.outcome('/page')).toMatchObject({ type: 'stored', bytes: 160 * 65_536 });
  });

  it('return values and callbacks of write() and end(), in order', async () => {
    await compare(
      html((_, res, log) => {
        res.on('finish', () => log('finish'));
        log(res.write('a', () => log('a sent')));
        log(res.write('b', 'utf8', () => log('b sent')));
        log(res.end('c', 'utf8', () => log('ended')) === res);
        log([res.headersSent, res.writableEnded, res.statusMessage]);
      }),
    );
  });

  it('end(callback) alone', async () => {
    await compare(
      html((_, res, log) => {
        res.write('a');
        res.end(() => log('ended'));
      }),
    );
  });

  it('backpressure is told as before', async () => {
    await compare(
      html((_, res, log) => {
        log(res.write(Buffer.alloc(1 << 20, 'z')));
        res.end();
      }),
    );
  });

  it('end() called again, and write() after it', async () => {
    await compare(
      html((_, res, log) => {
        res.on('error', (error: NodeJS.ErrnoException) => log(error.code));
        res.end('page');
        res.end((error?: NodeJS.ErrnoException) => log(error?.code ?? 'again'));
        log(res.write('more'));
        res.end('more');
      }),
    );
  });

  it('a chunk of no sensible type throws as before, and the next answer is sent', async () => {
    const bad = 7 as unknown as string;
    const app = html((_, res, log) => {
      try {
        res.write(bad);
      } catch (error) {
        log((error as NodeJS.ErrnoException).code);
      }
      res.end('recovered');
    });
    const { site } = await compare(app);
    expect(await site.outcome('/page')).toMatchObject({ type: 'stored' });
  });

  it('HEAD has no body and stores nothing', async () => {
    const { site } = await compare(
      html((_, res) => res.end('page')),
      {
        send: request('/page', ['Connection: close'], 'HEAD'),
        status: 'pagetree; fwd=uri-miss; detail=method',
      },
    );
    expect(await site.files()).toEqual([]);
  });

  it('HTTP/1.0', async () => {
    const { site } = await compare(
      html((_, res) => inTwo(res, 'a', 'b')),
      {
        send: request('/page', [], 'GET', '1.0'),
        status: STORED,
      },
    );
    await site.outcome('/page');
    expect((await site.read('page')).toString()).toBe('ab');
  });
});
