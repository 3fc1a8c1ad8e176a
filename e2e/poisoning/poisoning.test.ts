/** On every adapter: whatever an attacker sends, the clean request that follows gets the clean page, as without the cache. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapters } from '../../packages/middleware/test/adapters/adapters.ts';
import type { Asking } from '../../packages/middleware/test/adapters/client.ts';
import { answerOf, clientOf } from '../../packages/middleware/test/adapters/clients.ts';
import { closed } from '../../packages/middleware/test/adapters/http1.ts';
import type { Playing } from '../../packages/middleware/test/adapters/suite.ts';
import { bytes, fields, targets } from './attacks.ts';
import { cleanPage, type Pair, startPair } from './site.ts';

const HIT = 'pagetree; hit';

/** One attack on the page of a path: how it is sent to a site, and what came back that can be compared. */
type Attack = (site: Playing, path: string) => Promise<unknown>;

describe.each(adapters.map((adapter) => [adapter.name, adapter] as const))('%s', (_, adapter) => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair(adapter);
  });
  afterAll(() => pair.stop());

  const asking =
    (ask: (path: string) => Asking): Attack =>
    async (site, path) => {
      const client = clientOf(adapter, site.port, path);
      const opened = client.open(ask(path));
      await opened.done();
      client.close();
      return client.heard();
    };

  /** Bytes, and a last request behind them that ends the connection, if it still is one. */
  const writing =
    (write: (path: string) => string): Attack =>
    async (site, path) => {
      const client = clientOf(adapter, site.port, path);
      const line = client.line();
      line.send(
        `${write(path)}POST /last HTTP/1.1\r\nHost: site.test\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
      await closed(line);
      client.close();
      return client.heard();
    };

  const clean = async (
    site: Playing,
    path: string,
  ): Promise<{ text: string; status: string | undefined }> => {
    const { body, fields } = await answerOf(adapter, site.port, { target: path });
    return { text: `${body}`, status: fields['cache-status'] };
  };

  /** What is wrong after an attack on a page of its own; nothing when all is well. */
  async function harm(attack: Attack, path: string): Promise<unknown[]> {
    const harms: unknown[] = [];
    const look = async (when: string): Promise<boolean> => {
      const { text, status } = await clean(pair.on, path);
      if (text !== cleanPage(path)) harms.push([when, text]);
      if (status === HIT) return true;
      // The page is on its way into the tree, or there was no time for it: the cache looks every 50 ms whether there is.
      await new Promise((resolve) => setTimeout(resolve, status?.includes('too-busy') ? 60 : 10));
      return false;
    };
    const without = await attack(pair.off, path);
    const first = await attack(pair.on, path);
    if (JSON.stringify(first) !== JSON.stringify(without))
      harms.push(['not as without the cache', first, without]);
    // The page is being stored while the first of these are answered.
    let isHit = await look('after the attack');
    for (let tries = 0; !isHit && tries < 500; tries += 1) isHit = await look('while it is stored');
    if (!isHit) harms.push(['the clean page is not stored']);
    // The page is no secret; anything else must be what the application says to the attacker.
    const allowed = new Set([...pagesIn(without), cleanPage(path)]);
    const strange = pagesIn(await attack(pair.on, path)).filter((page) => !allowed.has(page));
    if (strange.length > 0) harms.push(['the attacker is shown', strange]);
    if (!(await look('after the attack on a stored page'))) harms.push(['the page is gone']);
    return harms;
  }

  /** The harm that attacks do, each on a page of its own. */
  async function harmOfAll(
    attacks: readonly (readonly [name: string, attack: Attack])[],
    group: string,
  ): Promise<unknown> {
    const found = await Promise.all(
      attacks.map(async ([name, attack], at) => [name, await harm(attack, `/${group}-${at}`)] as const),
    );
    return Object.fromEntries(found.filter(([, harms]) => harms.length > 0));
  }

  it('the site is what its pages say, without the cache', async () => {
    expect((await clean(pair.off, '/page')).text).toBe(cleanPage('/page'));
    const { body } = await answerOf(adapter, pair.off.port, { target: '/page', fields: { 'X-Evil': 'yes' } });
    expect(`${body}`).toContain('x-evil=yes');
  });

  it('fields that make applications answer something else', async () => {
    const attacks = Object.entries(fields).map(
      ([name, told]) => [name, asking((target) => ({ target, fields: told }))] as const,
    );
    expect(await harmOfAll(attacks, 'field')).toEqual({});
  });

  it('paths that are spelt in another way', async () => {
    const attacks = targets.map(
      (spell) => [spell('/page').slice(0, 60), asking((path) => ({ target: spell(path) }))] as const,
    );
    expect(await harmOfAll(attacks, 'target')).toEqual({});
  });

  if (adapter.protocol === 'HTTP/1') {
    it('bytes that servers read in more than one way', async () => {
      const attacks = Object.entries(bytes).map(([name, write]) => [name, writing(write)] as const);
      expect(await harmOfAll(attacks, 'bytes')).toEqual({});
    });
  }
});

/** The pages in what a client heard. */
function pagesIn(heard: unknown): string[] {
  return JSON.stringify(heard).match(/<p>.*?<\/p>/g) ?? [];
}
