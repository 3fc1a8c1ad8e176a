/** Clients that leave before the page is whole: it is stored only when there is a proof that it became whole. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { shell } from '../src/node/shell.ts';
import { plain, type Site, site } from './support/site.ts';
import { Line, request } from './support/wire.ts';

const head = { 'Content-Type': 'text/html; charset=utf-8' };

/** Starts a request whose client leaves after `seen` has come; the application is then told to go on. */
async function leaving(
  seen: string,
  start: (req: IncomingMessage, res: ServerResponse) => void,
  goOn: (req: IncomingMessage, res: ServerResponse) => void,
): Promise<Site> {
  let begun: (value: [IncomingMessage, ServerResponse]) => void;
  const beginning = new Promise<[IncomingMessage, ServerResponse]>((resolve) => {
    begun = resolve;
  });
  let first = true;
  const made = await site(
    plain((req, res) => {
      if (!first) {
        res.writeHead(200, head).end('fresh');
        return;
      }
      first = false;
      start(req, res);
      begun([req, res]);
    }),
  );
  const line = new Line(made.port);
  line.send(request('/page'));
  const [req, res] = await beginning;
  if (seen !== '') await line.until(seen);
  // A listener on the response would say that the application cares.
  const closed = new Promise((resolve) => req.socket.on('close', resolve));
  line.leave();
  await closed;
  goOn(req, res);
  return made;
}

describe('a client that leaves', () => {
  it('after the application has ended a page that is still on its way: the page is stored', async () => {
    const page = 'x'.repeat(8_000_000);
    const made = await leaving(
      'xxx',
      (_, res) => res.writeHead(200, head).end(page),
      () => {},
    );
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored', bytes: page.length });
  });

  it('before the head: the page is stored, because it comes in one piece', async () => {
    const made = await leaving(
      '',
      () => {},
      (_, res) => res.writeHead(200, head).end('whole page'),
    );
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored', bytes: 10 });
    expect((await made.ask('/page')).text).toBe('whole page');
  });

  it('before the head, which is implicit and which Node then never makes', async () => {
    const made = await leaving(
      '',
      () => {},
      (_, res) => {
        res.setHeader('Content-Type', head['Content-Type']);
        res.end('whole page');
      },
    );
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored', bytes: 10 });
  });

  it('midway, and the application keeps what Content-Length promised: the page is stored whole', async () => {
    const made = await leaving(
      'half',
      (_, res) => {
        res.writeHead(200, { ...head, 'Content-Length': 8 });
        res.write('half');
      },
      (_, res) => {
        res.write('ha');
        res.end('lf');
      },
    );
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored', bytes: 8 });
    expect((await made.ask('/page')).text).toBe('halfhalf');
  });

  it('midway, and the application stops short of Content-Length: nothing is stored', async () => {
    const made = await leaving(
      'half',
      (_, res) => {
        res.writeHead(200, { ...head, 'Content-Length': 8 });
        res.write('half');
      },
      (_, res) => res.end(),
    );
    expect(await made.outcome('/page')).toMatchObject({ type: 'refused', reason: 'length-mismatch' });
  });

  it('midway through chunks, and end() is called to clean up: nobody can tell that from the end of the page', async () => {
    const made = await leaving(
      'half',
      (_, res) => {
        res.writeHead(200, head);
        res.write('half');
      },
      (_, res) => res.end(),
    );
    expect(await made.outcome('/page')).toMatchObject({ type: 'aborted', reason: 'unfinished' });
    expect((await made.fill('/page')).text).toBe('fresh');
  });

  it('and the application ends the page in its handler of that', async () => {
    for (const event of ['aborted', 'close'] as const) {
      const made = await leaving(
        'half',
        (req, res) => {
          res.writeHead(200, head);
          res.write('half');
          (event === 'aborted' ? req : res).on(event, () => res.end('<!-- cut -->'));
        },
        () => {},
      );
      expect(await made.outcome('/page')).toMatchObject({ type: 'aborted', reason: 'unfinished' });
    }
  });

  it('and the application waits for that: the permission is given back at once', async () => {
    const made = await leaving(
      '',
      (_, res) => res.on('close', () => {}),
      () => {},
    );
    expect(await made.outcome('/page')).toMatchObject({ type: 'aborted', reason: 'unfinished' });
    expect((await made.fill('/page')).text).toBe('fresh');
  });

  it('and the application never answers: the permission is given back after a while', async () => {
    const made = await site((pages) => {
      const answer = shell({ cache: pages!.cache, report: () => {}, patience: 20 });
      return (req, res) => answer(req, res, () => {});
    });
    const line = new Line(made.port);
    line.send(request('/page'));
    await made.seen(['miss'], '/page');
    line.leave();
    expect(await made.outcome('/page')).toMatchObject({ type: 'aborted', reason: 'unfinished' });
  });

  it('before the head, and a stream goes into the response that nobody reads: the permission is given back soon', async () => {
    const began = performance.now();
    const made = await leaving(
      '',
      () => {},
      (_, res) => {
        res.writeHead(200, { ...head, 'Content-Length': 10 });
        pipeline(Readable.from(['half', 'of it', '!']), res, () => {});
      },
    );
    expect(await made.outcome('/page')).toMatchObject({ type: 'aborted', reason: 'unfinished' });
    // Others wait for it: it is not held for as long as a page may take to begin.
    expect(performance.now() - began).toBeLessThan(7000);
    expect((await made.fill('/page')).text).toBe('fresh');
  });

  it('while its request waits behind another on the connection', async () => {
    let left: () => void = () => {};
    const gone = new Promise<void>((resolve) => {
      left = resolve;
    });
    const made = await site(
      plain((req, res) => {
        if (req.url === '/first') req.on('aborted', () => left());
        else req.on('aborted', () => void res);
      }),
    );
    const line = new Line(made.port);
    line.send(request('/first') + request('/second'));
    await made.seen(['miss'], '/first');
    await made.seen(['miss'], '/second');
    await new Promise(setImmediate);
    line.leave();
    await gone;
    for (const key of ['/first', '/second']) {
      expect(await made.outcome(key)).toMatchObject({ type: 'aborted', reason: 'unfinished' });
    }
  });
});
