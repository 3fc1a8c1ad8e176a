/** Clients of fetch handlers that leave before the page is whole, or are slower than the application. */
import { describe, expect, it } from 'vitest';
import { plainResponse } from '../../src/web/page.ts';
import { webShell } from '../../src/web/shell.ts';
import { plain, type Site, site } from '../support/site.ts';
import { Line, request } from '../support/wire.ts';
import { barrier, encode, Hand, html, onNodeServer } from './support.ts';

const serve = onNodeServer(false);

/** A request whose client leaves when `seen` has come. */
async function leaving(hand: Hand, seen: string, headers: Record<string, string> = html): Promise<Site> {
  let first = true;
  const left = barrier();
  const made = await site(
    serve((asked) => {
      if (!first) return new Response('<p>fresh', { headers: html });
      first = false;
      asked.signal.addEventListener('abort', () => left.open());
      return new Response(hand.body, { headers });
    }),
  );
  const line = new Line(made.port);
  line.send(request('/page'));
  hand.write(seen);
  await line.until(seen);
  line.leave();
  await left.opened;
  return made;
}

describe('a client that leaves', () => {
  it('midway: the body is cancelled as without the cache, and the page is not stored', async () => {
    const hand = new Hand();
    const made = await leaving(hand, '<p>half');
    await hand.cancelled;
    expect(await made.outcome('/page')).toMatchObject({ type: 'aborted', detail: 'the client left' });
    expect((await made.fill('/page')).text).toBe('<p>fresh');
  });

  it('midway, when Content-Length says where the page ends: the page is stored whole', async () => {
    const hand = new Hand();
    const made = await leaving(hand, '<p>half', { ...html, 'content-length': '11' });
    hand.write('half');
    hand.end();
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored', bytes: 11 });
    expect((await made.ask('/page')).text).toBe('<p>halfhalf');
  });

  it('midway, and the application stops short of Content-Length: nothing is stored', async () => {
    const hand = new Hand();
    const made = await leaving(hand, '<p>half', { ...html, 'content-length': '11' });
    hand.end();
    expect(await made.outcome('/page')).toMatchObject({ type: 'refused', reason: 'length-mismatch' });
  });

  it('after the application has ended a page that is still on its way: the page is stored', async () => {
    const page = 'x'.repeat(8_000_000);
    const made = await site(serve(() => new Response(page, { headers: html })));
    const line = new Line(made.port);
    line.send(request('/page'));
    await line.until('xxx');
    line.leave();
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored', bytes: page.length });
  });

  it('before the head: the page is stored when it comes in one piece', async () => {
    const gate = barrier();
    const asked = barrier<Request>();
    const made = await site(
      serve(async (request) => {
        asked.open(request);
        await gate.opened;
        return new Response('<p>whole', { headers: html });
      }),
    );
    const line = new Line(made.port);
    line.send(request('/page'));
    const { signal } = await asked.opened;
    const left = new Promise((resolve) => signal.addEventListener('abort', resolve));
    line.leave();
    await left;
    gate.open();
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored', bytes: 8 });
  });

  it('and the application hears of it and ends the page half-way: nobody can tell that from its end', async () => {
    const hand = new Hand();
    const made = await site(
      serve((asked) => {
        asked.signal.addEventListener('abort', () => hand.end());
        return new Response(hand.body, { headers: html });
      }),
    );
    const line = new Line(made.port);
    line.send(request('/page'));
    hand.write('<p>half');
    await line.until('<p>half');
    line.leave();
    expect(await made.outcome('/page')).toMatchObject({ type: 'aborted', detail: 'the client left' });
  });

  it('and a page that does not come to its end: the body is cancelled after a while', async () => {
    const made = await site(plain((_, res) => void res.end()));
    const shell = webShell({ cache: made.pages.cache, report: () => {}, patience: 20 });
    const hand = new Hand();
    const response = await shell({
      request: new Request('http://site.test/page'),
      node: {},
      next: () => new Response(hand.body, { headers: { ...html, 'content-length': '11' } }),
      respond: plainResponse,
    });
    const reason = new Error('left');
    await response.body!.cancel(reason);
    expect(await hand.cancelled).toBe(reason);
    expect(await made.outcome('/page')).toMatchObject({ type: 'aborted' });
  });
});

describe('a client that is slower than the application', () => {
  async function pulled(maxLead: number) {
    const made = await site(plain((_, res) => void res.end()));
    const shell = webShell({ cache: made.pages.cache, report: () => {}, maxLead });
    let pulls = 0;
    const response = await shell({
      request: new Request('http://site.test/page'),
      node: {},
      next: () =>
        new Response(
          new ReadableStream(
            {
              async pull(controller) {
                await new Promise(setImmediate);
                pulls += 1;
                controller.enqueue(encode('0123456789'));
                if (pulls === 10) controller.close();
              },
            },
            { highWaterMark: 0 },
          ),
          { headers: html },
        ),
      respond: plainResponse,
    });
    return { made, response, pulls: () => pulls };
  }

  it('does not hold the page up', async () => {
    const { made, response } = await pulled(1000);
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored', bytes: 100 });
    expect(await response.text()).toBe('0123456789'.repeat(10));
  });

  it('gets the application at its own pace, once it is too far behind', async () => {
    const { made, response, pulls } = await pulled(25);
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
    expect(pulls()).toBe(3);
    expect(await response.text()).toBe('0123456789'.repeat(10));
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored', bytes: 100 });
  });

  it('gets all of a page that is too large to be stored, at its own pace', async () => {
    const made = await site(
      plain((_, res) => void res.end()),
      { maxPageSize: 25 },
    );
    const shell = webShell({ cache: made.pages.cache, report: () => {} });
    let pulls = 0;
    const response = await shell({
      request: new Request('http://site.test/page'),
      node: {},
      next: () =>
        new Response(
          new ReadableStream(
            {
              async pull(controller) {
                await new Promise((resolve) => setTimeout(resolve, 2));
                pulls += 1;
                controller.enqueue(encode('0123456789'));
                if (pulls === 200) controller.close();
              },
            },
            { highWaterMark: 0 },
          ),
          { headers: html },
        ),
      respond: plainResponse,
    });
    expect(await made.outcome('/page')).toMatchObject({ type: 'refused', reason: 'too-large' });
    expect(pulls).toBeLessThan(200);
    expect((await response.text()).length).toBe(2000);
  });
});
