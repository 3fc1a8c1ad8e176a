/** More misses than may be stored at once: every visitor is answered, and is told why the page was not stored. */
import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type Build, plain, type Site, site } from '../support/site.ts';
import { ask, Line, request } from '../support/wire.ts';
import { onNodeServer } from '../web/support.ts';

const type = 'text/html; charset=utf-8';

/** A site that answers nothing until it is told to. */
async function held(
  maxFills: number,
): Promise<{ made: Site; release: () => void; arrived: () => Promise<number> }> {
  let release!: () => void;
  let count = 0;
  let wake = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const made = await site(
    plain(async (req, res) => {
      count += 1;
      wake();
      await released;
      res.writeHead(200, { 'Content-Type': type });
      res.end(`<p>${req.url}</p>`);
    }),
    { maxFills, variants: false },
  );
  const arrived = async (): Promise<number> => {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    return count;
  };
  return { made, release, arrived };
}

/** Streams that end when they are told to, and other pages. */
const streamsBesidePages: Record<string, (end: Promise<void>) => Build> = {
  'node:http': (end) =>
    plain(async (req, res) => {
      res.writeHead(200, { 'Content-Type': type });
      res.write('<p>begun');
      if (req.url === '/stream') await end;
      res.end(' and ended');
    }),
  'a fetch handler': (end) =>
    onNodeServer(true)(
      ({ url }) =>
        new Response(
          new ReadableStream({
            async start(controller) {
              controller.enqueue(Buffer.from('<p>begun'));
              if (new URL(url).pathname === '/stream') await end;
              controller.enqueue(Buffer.from(' and ended'));
              controller.close();
            },
          }),
          { headers: { 'content-type': type } },
        ),
    ),
};

describe('maxFills', () => {
  it.each(Object.entries(streamsBesidePages))(
    '%s: streams that stayed open held all places for ever; after fillTimeout they do not, and go on',
    async (_, build) => {
      let end!: () => void;
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      const made = await site(build(ended), { maxFills: 1, fillTimeout: 1, variants: false });
      const line = new Line(made.port);
      line.send(request('/stream', ['Connection: close']));
      await line.until('begun');
      expect((await made.ask('/page')).headers['cache-status']).toBe(
        'pagetree; fwd=uri-miss; detail=too-busy',
      );
      expect(await made.outcome('/stream')).toMatchObject({ type: 'refused', reason: 'too-slow' });
      await made.fill('/page');
      end();
      await line.until(' and ended');
      await line.closed();
      expect(await made.files()).toEqual(['page']);
    },
  );

  it('pages over it are answered with the reason and not stored; later they are', async () => {
    const { made, release } = await held(3);
    const answers = [];
    // One after the other, so that each finds what the ones before hold.
    for (let index = 0; index < 10; index += 1) {
      const before = made.events.length;
      answers.push(ask(made.port, `/page-${index}`));
      while (made.events.length === before) await new Promise(setImmediate);
    }
    release();
    const found = await Promise.all(answers);
    expect(found.map(({ text }) => text)).toEqual(answers.map((_, index) => `<p>/page-${index}</p>`));
    expect(found.map(({ headers }) => headers['cache-status'])).toEqual([
      ...Array.from({ length: 3 }, () => 'pagetree; fwd=uri-miss; stored'),
      ...Array.from({ length: 7 }, () => 'pagetree; fwd=uri-miss; detail=too-busy'),
    ]);
    await Promise.all([0, 1, 2].map((index) => made.outcome(`/page-${index}`)));
    expect(await made.files()).toEqual(['page-0', 'page-1', 'page-2']);
    await made.fill('/page-9');
    expect((await made.ask('/page-9')).headers['cache-status']).toBe('pagetree; hit');
    expect(await made.leftovers()).toEqual([]);
  });

  it('clients that leave give their place back', async () => {
    const { made, release, arrived } = await held(1);
    const client = httpRequest({ port: made.port, path: '/left', agent: false });
    client.on('error', () => {});
    client.end();
    await arrived();
    client.destroy();
    release();
    await made.outcome('/left');
    await made.fill('/next');
    expect(await made.leftovers()).toEqual([]);
  });

  it('1,000 visitors of one page are one render, and hold one place', async () => {
    let renders = 0;
    const made = await site(
      plain((req, res) => {
        renders += 1;
        setImmediate(() => {
          res.writeHead(200, { 'Content-Type': type });
          res.end(`<p>${req.url}</p>`);
        });
      }),
      { maxFills: 1, coalesceTimeout: 60_000 },
    );
    const answers = await Promise.all(Array.from({ length: 1000 }, () => ask(made.port, '/page')));
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['<p>/page</p>']));
    expect(renders).toBe(1);
  });
});
