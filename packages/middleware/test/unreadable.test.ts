/** When the tree or the cache fails, the application answers; when the head is out, nobody takes a part for the whole. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { pageCache } from '../src/index.ts';
import { fake, page, served } from './support/fake-cache.ts';
import { listen } from './support/site.ts';
import { ask } from './support/wire.ts';

describe('when the tree cannot be read', () => {
  it('a body that is gone, or fails before the head: the application answers', async () => {
    const fails = async (): Promise<Buffer> => {
      throw Object.assign(new Error('EIO'), { code: 'EIO' });
    };
    for (const found of [page(undefined), page({ size: 10, bytes: fails })]) {
      const errors: unknown[] = [];
      const answer = await ask(
        await served(
          fake(async () => ({ kind: 'hit', page: found })),
          errors,
        ),
        '/page',
      );
      expect(answer.text).toBe('application');
      expect(answer.headers['cache-status']).toBe('pagetree; fwd=uri-miss; detail=disk-error');
      expect(answer.headers.etag).toBeUndefined();
      expect(found.closed).toBe(1);
    }
  });

  it('a body that fails after the head: the connection is destroyed, and the page is not whole', async () => {
    const found = page({
      stream: () =>
        Readable.from(
          (async function* () {
            yield Buffer.alloc(1000);
            throw new Error('EIO');
          })(),
        ),
    });
    const answer = await ask(await served(fake(async () => ({ kind: 'hit', page: found }))), '/page');
    expect(answer.whole).toBe(false);
    expect(found.closed).toBe(1);
  });

  it('a body that ends early: the same', async () => {
    const found = page({ stream: () => Readable.from([Buffer.alloc(1000)]) });
    const answer = await ask(await served(fake(async () => ({ kind: 'hit', page: found }))), '/page');
    expect(answer.whole).toBe(false);
  });

  it('a look-up that rejects, or throws: the application answers, and it is reported', async () => {
    const broken = [
      fake(async () => {
        throw new Error('broken');
      }),
      fake(() => {
        throw new Error('broken');
      }),
    ];
    for (const cache of broken) {
      const errors: unknown[] = [];
      expect((await ask(await served(cache, errors), '/page')).text).toBe('application');
      expect(errors).toEqual([new Error('broken')]);
    }
  });

  it('a ticket whose begin throws: the response is not touched', async () => {
    const errors: unknown[] = [];
    const ticket = {
      key: '/page',
      outcome: new Promise(() => {}),
      refused: undefined,
      begin() {
        throw new Error('begin');
      },
      abandon() {},
    };
    const cache = fake(async () => ({ kind: 'miss', key: '/page', ticket, reason: undefined }) as never);
    const answer = await ask(await served(cache, errors), '/page');
    expect(answer).toMatchObject({ status: 200, text: 'application' });
    expect(errors[0]).toEqual(new Error('begin'));
  });

  it('what the middleware reports comes as an event, and a listener that throws is no matter', async () => {
    const events: string[] = [];
    const cache = fake(async () => {
      throw new Error('broken');
    });
    const middleware = pageCache({
      cache,
      onEvent: (event) => {
        events.push(event.type === 'error' ? event.error.message : event.type);
        throw new Error('listener');
      },
    });
    const server = await listen((req, res) => middleware(req, res, () => void res.end('application')));
    expect((await ask(server.port, '/page')).text).toBe('application');
    expect(events).toEqual(['broken']);
  });
});
