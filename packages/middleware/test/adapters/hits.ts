/** What a hit answers, on every adapter: the same as plain `node:http`, and the application is not asked. */
import { rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { CacheEvent } from '@pagetree/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFiles, until } from '../support/counting.ts';
import { fillsIn, listen } from '../support/site.ts';
import { request } from '../support/wire.ts';
import type { Adapter } from './adapter.ts';
import type { Answered, Asking } from './client.ts';
import { answerOf, clientOf } from './clients.ts';
import { requests } from './hit-requests.ts';
import { closed } from './http1.ts';
import { nodeAdapters, nodeListener } from './served/node.ts';
import { html, Stage } from './stage.ts';
import { type Playing, startPlaying, whenNotTooBusy } from './suite.ts';

const HIT = 'pagetree; hit';
const STORED = 'pagetree; fwd=uri-miss; stored';
const plainNode = nodeAdapters[0]!;

const small = '<p>a page that compresses well</p>'.repeat(300);
const large = Array.from({ length: 60_000 }, (_, at) => `${at * 7919},`).join('');

/** All that a hit must be on these adapters. */
export function hits(adapters: readonly Adapter[]): void {
  describe.each(adapters.map((adapter) => [adapter.name, adapter] as const))('%s', (_, adapter) => {
    let site: Playing;
    let asked = 0;
    let plain: number;
    let stopPlain: () => Promise<void>;
    const ask = (target: string, rest: Asking = {}): Promise<Answered> =>
      answerOf(adapter, site.port, { target, ...rest });

    /** Asks, and waits until the page is in the tree. The answer is that of the application. */
    async function fill(target: string): Promise<Answered> {
      for (;;) {
        const before = site.events.length;
        const answer = await ask(target);
        let fate: CacheEvent | undefined;
        await until(async () => {
          fate = site.events
            .slice(before)
            .find(
              (event) => event.type === 'stored' || (event.type === 'miss' && event.reason === 'too-busy'),
            );
          return fate !== undefined;
        });
        if (fate?.type === 'stored') return answer;
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
    }

    beforeAll(async () => {
      site = await startPlaying(adapter, true);
      site.stage.play(
        {
          answers: ({ url }) => {
            asked += 1;
            const body = url.startsWith('/large')
              ? large
              : url.startsWith('/page')
                ? small
                : `${url} ${asked}`;
            return { fields: { ...html, 'Content-Language': 'en', 'X-Secret': 'no' }, body };
          },
        },
        '/',
      );
      const reference = await startReference(site);
      plain = reference.port;
      stopPlain = reference.stop;
      await fill('/page');
      await fill('/large');
    });
    afterAll(async () => {
      await stopPlain();
      await site.cache?.close();
      const left = await fillsIn(site.dir!);
      await site.stop();
      expect(left).toEqual([]);
    });

    for (const target of ['/page', '/large']) {
      for (const [title, [status, asking]] of Object.entries(requests)) {
        it(`${title}, of ${target}`, async () => {
          const before = asked;
          const { fields: validators } = await ask(target, {
            method: 'HEAD',
            fields: { 'Accept-Encoding': asking.fields?.['Accept-Encoding'] ?? 'identity' },
          });
          const filled = Object.entries(asking.fields ?? {}).map(([name, value]) => [
            name,
            value.replace('ETAG', validators.etag!).replace('DATE', validators['last-modified']!),
          ]);
          const full: Asking = { ...asking, target, fields: Object.fromEntries(filled) };
          const answer = await ask(target, full);
          expect(answer.status).toBe(status);
          expect(answer.fields['cache-status']).toBe(HIT);
          expect(asked).toBe(before);
          const reference = await answerOf(plainNode, plain, full);
          expect(seen(answer)).toEqual(seen(reference));
          const whole = target === '/large' ? large : small;
          if (status === 200 && asking.method !== 'HEAD') expect(decoded(answer)).toBe(whole);
        });
      }
    }

    it('a page that the application gave is the page that the tree gives', async () => {
      const miss = await fill('/first');
      const hit = await ask('/first');
      expect(miss.fields['cache-status']).toBe(STORED);
      expect(hit.fields['cache-status']).toBe(HIT);
      expect(hit.body).toEqual(miss.body);
      expect(hit.fields['content-language']).toBe('en');
      expect(hit.fields['x-secret']).toBeUndefined();
    });

    it('a purge, and a file that is removed, count at the very next request', async () => {
      await fill('/gone');
      await site.cache?.purge('/gone');
      expect((await fill('/gone')).fields['cache-status']).toBe(STORED);
      expect((await ask('/gone')).fields['cache-status']).toBe(HIT);
      await unlink(join(site.dir!, 'gone'));
      expect((await fill('/gone')).fields['cache-status']).toBe(STORED);
    });

    it('a file that is put in the place of a page is served, also in place of one in memory', async () => {
      await fill('/replaced');
      for (const text of ['second', 'third']) {
        await writeFile(join(site.dir!, 'new'), text);
        await rename(join(site.dir!, 'new'), join(site.dir!, 'replaced'));
        expect(`${(await ask('/replaced')).body}`).toBe(text);
      }
    });

    it('what is no plain GET goes to the application, though the page is there', async () => {
      await fill('/passed');
      for (const [asking, status] of [
        [{ method: 'POST', body: 'x', fields: { 'Content-Type': 'text/plain' } }, 'pagetree; fwd=method'],
        [{ target: '/passed?a' }, 'pagetree; fwd=bypass; detail=query'],
        [{ fields: { Cookie: 'session=1' } }, 'pagetree; fwd=bypass; detail=cookie'],
        [{ fields: { Authorization: 'Basic YTpi' } }, 'pagetree; fwd=bypass; detail=authorization'],
      ] as const) {
        const before = asked;
        expect((await ask('/passed', asking)).fields['cache-status']).toBe(status);
        expect(asked).toBe(before + 1);
      }
    });

    it('twenty clients that ask at once for a page that is not there: the application is asked once', async () => {
      let answers: Answered[] = [];
      let times = 0;
      await whenNotTooBusy(site, '/together', async (target) => {
        const before = asked;
        answers = await Promise.all(Array.from({ length: 20 }, () => ask(target)));
        times = asked - before;
      });
      expect(times).toBe(1);
      expect(new Set(answers.map(({ body }) => `${body}`)).size).toBe(1);
    });

    it('twenty hits at once, large and small', async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, at) => ask(at % 2 ? '/large' : '/page')),
      );
      for (const [at, answer] of answers.entries()) {
        expect(answer.body.equals(Buffer.from(at % 2 ? large : small))).toBe(true);
        expect(answer.fields['cache-status']).toBe(HIT);
      }
    });

    it('a client that leaves in the middle of a large hit leaves no file open', async () => {
      for (let at = 0; at < 5; at += 1) {
        const client = clientOf(adapter, site.port, '/large');
        const opened = client.open();
        await opened.until('7919,');
        opened.leave();
        client.close();
      }
      await site.stage.alone();
      await expect.poll(() => openFiles(site.dir!), { interval: 5, timeout: 5000 }).toBe(0);
      expect((await ask('/large')).body.equals(Buffer.from(large))).toBe(true);
    });

    it('a client that reads slowly gets all of a large hit', async () => {
      const client = clientOf(adapter, site.port, '/large');
      const opened = client.open();
      opened.slowly();
      await opened.done();
      expect(opened.answer().body.equals(Buffer.from(large))).toBe(true);
      client.close();
    });

    if (adapter.protocol === 'HTTP/2') return;

    it('one connection for hits, misses and hits, also in one packet', async () => {
      const client = clientOf(adapter, site.port, '/');
      const line = client.line();
      line.send(request('/page', ['If-None-Match: *']));
      expect(await line.until('\r\n\r\n')).toContain(' 304 ');
      line.send(request('/page') + request('/page?a') + request('/large', ['Connection: close']));
      await closed(line);
      const statuses = [...line.all.toString('latin1').matchAll(/^cache-status: (.*)\r$/gim)];
      expect(statuses.map(([, status]) => status)).toEqual([
        HIT,
        HIT,
        'pagetree; fwd=bypass; detail=query',
        HIT,
      ]);
      expect(line.all.subarray(-large.length).equals(Buffer.from(large))).toBe(true);
      client.close();
    });

    it('HTTP/1.0', async () => {
      const client = clientOf(adapter, site.port, '/');
      const line = client.line();
      line.send(request('/page', [], 'GET', '1.0'));
      await closed(line);
      expect(line.all.toString().endsWith(`\r\n\r\n${small}`)).toBe(true);
      expect(line.all.toString()).toMatch(/^cache-status: pagetree; hit\r$/im);
    });
  });
}

/** Plain `node:http` on the same tree. */
async function startReference(site: Playing): Promise<{ port: number; stop: () => Promise<void> }> {
  const server = await listen(nodeListener(new Stage(), site.cache), () => {});
  return {
    port: server.port,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What must be the same wherever the page is served. The boundary of parts is by chance. */
function seen({ status, fields, body }: Answered): unknown {
  const boundary = /boundary=(\S+)/.exec(fields['content-type'] ?? '')?.[1];
  const text = body.toString('latin1');
  return {
    status,
    fields: boundary ? { ...fields, 'content-type': 'multipart/byteranges' } : fields,
    body: boundary ? text.replaceAll(boundary, 'BOUNDARY') : text,
  };
}

function decoded({ fields, body }: Answered): string {
  if (fields['content-encoding'] === 'gzip') return `${gunzipSync(body)}`;
  if (fields['content-encoding'] === 'br') return `${brotliDecompressSync(body)}`;
  return `${body}`;
}
