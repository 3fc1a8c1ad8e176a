/** Fetch handlers that are called without a server. */
import { describe, expect, it } from 'vitest';
import { withPageCache } from '../../src/fetch.ts';
import { openFiles, until } from '../support/counting.ts';
import { plain, type Site, site } from '../support/site.ts';
import { html, inTurns, STORED } from './support.ts';

describe('a handler that is called without a server', () => {
  async function tree(): Promise<Site> {
    return site(plain((_, res) => void res.end()));
  }

  it('gets what it returns, and then the page', async () => {
    const made = await tree();
    let asked = 0;
    const handler = withPageCache({ cache: made.pages.cache }, (_request: Request, name: string) => {
      asked += 1;
      return new Response(`<p>${name}`, { headers: html });
    });
    const miss = await handler(new Request('http://site.test/page'), 'one');
    expect([await miss.text(), miss.headers.get('cache-status')]).toEqual(['<p>one', STORED]);
    await made.outcome('/page');
    const hit = await handler(new Request('http://site.test/page'), 'two');
    expect([await hit.text(), hit.headers.get('cache-status'), asked]).toEqual([
      '<p>one',
      'pagetree; hit',
      1,
    ]);
  });

  it('rejects with the very error of the handler', async () => {
    const made = await tree();
    const error = new Error('mine');
    const handler = withPageCache({ cache: made.pages.cache }, () => {
      throw error;
    });
    await expect(handler(new Request('http://site.test/page'))).rejects.toBe(error);
    await made.outcome('/page');
  });

  it('fails its body with the very error of the stream', async () => {
    const made = await tree();
    const error = new Error('mine');
    const handler = withPageCache(
      { cache: made.pages.cache },
      () => new Response(inTurns('<p>', error), { headers: html }),
    );
    const reader = (await handler(new Request('http://site.test/page'))).body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('<p>');
    await expect(reader.read()).rejects.toBe(error);
    expect(await made.outcome('/page')).toMatchObject({ type: 'aborted' });
  });

  it('closes its own cache, and leaves a shared one open', async () => {
    const made = await tree();
    const handler = withPageCache(
      { cache: made.pages.cache },
      () => new Response('<p>page', { headers: html }),
    );
    await handler.close();
    await (await handler(new Request('http://site.test/page'))).text();
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored' });
    const own = withPageCache(
      { cacheDir: `${made.dir}-own` },
      () => new Response('<p>page', { headers: html }),
    );
    await own.close();
    const answer = await own(new Request('http://site.test/page'));
    expect(answer.headers.get('cache-status')).toBe('pagetree; fwd=uri-miss; detail=closed');
  });

  it('mounted twice asks once', async () => {
    const made = await tree();
    const inner = withPageCache(
      { cache: made.pages.cache },
      () => new Response('<p>page', { headers: html }),
    );
    const outer = withPageCache({ cache: made.pages.cache }, (request: Request) => inner(request));
    const answer = await outer(new Request('http://site.test/page'));
    expect([await answer.text(), answer.headers.get('cache-status')]).toEqual(['<p>page', STORED]);
    expect(await made.outcome('/page')).toMatchObject({ type: 'stored' });
  });

  it('closes a large page that nobody reads, once nobody can', async () => {
    const made = await tree();
    await made.put('large', 'x'.repeat(1_000_000));
    const handler = withPageCache({ cache: made.pages.cache }, () => new Response(null, { status: 404 }));
    const before = await openFiles(made.dir);
    await handler(new Request('http://site.test/large'));
    expect(await openFiles(made.dir)).toBe(before + 1);
    const { setFlagsFromString } = await import('node:v8');
    const { runInNewContext } = await import('node:vm');
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await until(async () => {
      collect();
      return (await openFiles(made.dir)) === before;
    });
  });
});
