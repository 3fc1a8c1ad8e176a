import { describe, expect, it } from 'vitest';
import { purgeHandler, withPageCache } from '../src/index.ts';
import { until } from './support/counting.ts';
import { answered, json, left, plain, purge, stored, token } from './support/purging.ts';
import { site } from './support/site.ts';
import { Line, request } from './support/wire.ts';

describe('a purge endpoint', () => {
  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PURGE'])('refuses %s', async (method) => {
    const made = await stored((pages) => plain(pages), ['/about']);
    const answer = await purge(made, undefined, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers).toMatchObject({ allow: 'POST', 'cache-control': 'no-store' });
    expect(await left(made)).toEqual(['about']);
  });

  it.each([
    [null],
    ['Authorization: Bearer wrong'],
    [`Authorization: Bearer ${token}x`],
    [`Authorization: Basic ${Buffer.from(`:${token}`).toString('base64')}`],
    [`Cookie: token=${token}`],
    [`X-Token: ${token}`],
  ])('refuses %j, and purges nothing', async (authorization) => {
    const made = await stored((pages) => plain(pages), ['/about']);
    const answer = await purge(made, { all: true }, { authorization, target: '/purge' });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="pagetree"/);
    expect(answer.raw).not.toContain(token);
    expect(await left(made)).toEqual(['about']);
  });

  it('does not take the token from the query', async () => {
    const answer = purgeHandler({ token, cache: (await stored((pages) => plain(pages), [])).pages.cache });
    const made = await site(() => (req, res) => answer(req, res));
    const target = `/purge?token=${token}&access_token=${token}`;
    expect((await purge(made, { all: true }, { authorization: null, target })).status).toBe(401);
  });

  it('answers 429 after too many wrong tokens, with the time to wait', async () => {
    const made = await stored((pages) => plain(pages, { failuresPerMinute: 2 }), ['/about']);
    const authorization = 'Authorization: Bearer wrong';
    const statuses = [];
    for (let at = 0; at < 3; at += 1)
      statuses.push((await purge(made, { all: true }, { authorization })).status);
    expect(statuses).toEqual([401, 401, 429]);
    const last = await purge(made, { all: true }, { authorization });
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
    expect((await purge(made, { all: true })).status).toBe(200);
  });

  it.each([
    ['another type', '{"all":true}', ['Content-Type: text/plain'], 415],
    ['no type', '{"all":true}', [], 415],
    ['a coding', '{"all":true}', [json, 'Content-Encoding: gzip'], 415],
    ['no JSON', 'all', [json], 400],
    ['nothing', '', [json], 400],
    ['no order', '{"everything":true}', [json], 422],
    ['too much, as it says itself', JSON.stringify({ tag: 'x'.repeat(70_000) }), [json], 413],
  ])('refuses %s', async (_, body, fields, status) => {
    const made = await stored((pages) => plain(pages), ['/about']);
    const answer = await purge(made, body, { fields });
    expect(answer.status).toBe(status);
    expect(answered(answer)).toEqual({ error: expect.any(String) });
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' });
    expect(await left(made)).toEqual(['about']);
  });

  it('refuses a body in chunks that goes on and on', async () => {
    const made = await stored((pages) => plain(pages), ['/about']);
    const line = new Line(made.port);
    line.send(
      request('/purge', [json, `Authorization: Bearer ${token}`, 'Transfer-Encoding: chunked'], 'POST'),
    );
    const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
    for (let at = 0; at < 5; at += 1) line.send(chunk);
    expect(await line.until('\r\n')).toBe('HTTP/1.1 413 Payload Too Large\r\n');
    line.leave();
  });

  it('a client that leaves in the middle of its body purges nothing', async () => {
    const made = await stored((pages) => plain(pages), ['/about']);
    const line = new Line(made.port);
    line.send(
      `${request('/purge', [json, `Authorization: Bearer ${token}`, 'Content-Length: 12'], 'POST')}{"all"`,
    );
    await until(async () => made.events.some((event) => event.type === 'bypass'));
    line.leave();
    expect((await purge(made, { path: '/none' })).status).toBe(200);
    expect(await left(made)).toEqual(['about']);
  });

  it('keeps its connection for the next request', async () => {
    const made = await stored((pages) => plain(pages), ['/about']);
    const line = new Line(made.port);
    const body = '{"all":true,"dryRun":true}';
    const fields = [json, `Content-Length: ${body.length}`];
    line.send(request('/purge', [...fields, 'Authorization: Bearer no'], 'POST') + body);
    expect(await line.until('\r\n')).toContain('401');
    line.send(request('/purge', [...fields, `Authorization: Bearer ${token}`], 'POST') + body);
    expect(await line.until('"pages":1')).toContain('200 OK');
    line.leave();
  });

  it('is never stored, even where the cache would take its answers for pages', async () => {
    const made = await site(
      (pages) => {
        const answer = purgeHandler({ token, cache: pages!.cache });
        return withPageCache({ cache: pages!.cache }, answer);
      },
      { contentType: 'application/json' },
    );
    expect((await made.ask('/purge')).status).toBe(405);
    expect((await purge(made, { all: true })).headers['cache-status']).toBe('pagetree; fwd=method');
    await made.outcome('/purge');
    expect(await made.files()).toEqual([]);
  });

  it('of ten at once, each answers', async () => {
    const made = await stored((pages) => plain(pages));
    const answers = await Promise.all(Array.from({ length: 10 }, () => purge(made, { all: true })));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(answers.reduce((sum, answer) => sum + (answered(answer).pages as number), 0)).toBe(4);
  });
});
