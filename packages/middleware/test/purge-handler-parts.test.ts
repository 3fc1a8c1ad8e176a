/** The parts of the purge endpoint that need no socket: what it is made from, what it understands, how many it lets through. */
import { createPageCache } from '@pagetree/core';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { purgeHandler } from '../src/index.ts';
import { createEndpoint, LARGEST_BODY, type PurgeBody } from '../src/purge-handler/endpoint.ts';
import { createLimiter } from '../src/purge-handler/limiter.ts';
import { MOST_SCOPES, readOrder } from '../src/purge-handler/order.ts';
import { folder } from './support/site.ts';

const token = 'q8sHAVO2yRj7c0LWmZ4TtXeKpN1uB6gD';

async function newCache() {
  const cache = createPageCache({ cacheDir: `${await folder()}/cache`, durability: 'none' });
  onTestFinished(() => cache.close());
  return cache;
}

describe('a purge endpoint is not made', () => {
  it.each([
    [undefined, 'none'],
    ['', 'none'],
    ['sesame', 'one of 6'],
    [token.slice(1), 'one of 31'],
    [`${token} `, 'one with other characters'],
    [`${token}é`, 'one with other characters'],
    ['a'.repeat(64), 'one of only 1 different ones'],
    ['1234'.repeat(16), 'one of only 4 different ones'],
    [42, 'a number'],
  ])('with the token %j, and the token is not shown', async (wrong, came) => {
    const cache = await newCache();
    const thrown = (() => {
      try {
        purgeHandler({ token: wrong as string, cache });
      } catch (error) {
        return error as Error & { code: string; hint: string };
      }
      throw new Error('it was made');
    })();
    expect(thrown.code).toBe('ERR_PAGETREE_OPTION');
    expect(thrown.message).toBe(
      `token: expected a secret of at least 32 letters, digits or -._~+/, but got ${came}.`,
    );
    expect(thrown.hint).toContain('randomBytes(32)');
    if (typeof wrong === 'string' && wrong.length > 5) expect(thrown.message).not.toContain(wrong);
  });

  it.each([
    [{ cache: undefined }, 'cache: expected a page cache'],
    [{ cache: {} }, 'cache: expected a page cache'],
    [{ perMinute: 0 }, 'perMinute: expected a whole number of requests from 1 to 1000000, but got 0.'],
    [{ perMinute: '9' }, 'perMinute: expected a whole number'],
    [{ failuresPerMinute: 1.5 }, 'failuresPerMinute: expected a whole number'],
    [{ failuresPerMinute: Number.POSITIVE_INFINITY }, 'failuresPerMinute: expected a whole number'],
  ])('with %j', async (wrong, message) => {
    const options = { token, cache: await newCache(), ...wrong } as Parameters<typeof purgeHandler>[0];
    expect(() => purgeHandler(options)).toThrow(message);
  });

  it('and a token as the hint makes it is taken', async () => {
    const cache = await newCache();
    expect(purgeHandler({ token, cache })).toBeTypeOf('function');
    expect(purgeHandler({ token: `${token}==`, cache })).toBeTypeOf('function');
  });
});

describe('an order', () => {
  it.each([
    [{ path: '/a' }],
    [{ path: '/a', recursive: true }],
    [{ path: '/a', recursive: false }],
    [{ glob: '/a/**' }],
    [{ tag: 'post-42' }],
    [{ olderThan: 0 }],
    [{ olderThan: 3600.5 }],
    [{ all: true }],
  ])('%j is one scope', (scope) => {
    expect(readOrder(scope)).toEqual({ scopes: [scope], dryRun: false, list: false });
    expect(readOrder({ ...scope, dryRun: true, list: true })).toEqual({
      scopes: [scope],
      dryRun: true,
      list: true,
    });
    expect(readOrder({ scopes: [scope, scope] })).toMatchObject({ scopes: [scope, scope] });
  });

  it.each([
    [null, 'expected an object such as {"path": "/blog/post"}'],
    [[], 'expected an object such as {"path": "/blog/post"}'],
    ['/a', 'expected an object such as {"path": "/blog/post"}'],
    [{}, 'expected exactly one of path, glob, tag, olderThan, all'],
    [{ dryRun: true }, 'expected exactly one of path, glob, tag, olderThan, all'],
    [{ path: '/a', tag: 'b' }, 'expected exactly one of path, glob, tag, olderThan, all'],
    [{ path: '' }, 'path: expected the path of a page'],
    [{ path: ['/a'] }, 'path: expected the path of a page'],
    [{ path: '/a', recursive: 'yes' }, 'recursive: expected true or false'],
    [{ glob: '/a/*', recursive: true }, 'recursive: only beside path'],
    [{ olderThan: '60' }, 'olderThan: expected seconds from 0'],
    [{ olderThan: -1 }, 'olderThan: expected seconds from 0'],
    [{ all: 'yes' }, 'all: expected true'],
    [{ all: false }, 'all: expected true'],
    [{ path: '/a', dryrun: true }, '"dryrun": unknown name'],
    [{ path: '/a', dryRun: 'true' }, 'dryRun: expected true or false'],
    [{ path: '/a', list: 1 }, 'list: expected true or false'],
    [{ scopes: [] }, `scopes: expected a list of 1 to ${MOST_SCOPES} scopes`],
    [{ scopes: {} }, `scopes: expected a list of 1 to ${MOST_SCOPES} scopes`],
    [
      { scopes: Array(MOST_SCOPES + 1).fill({ all: true }) },
      `scopes: expected a list of 1 to ${MOST_SCOPES} scopes`,
    ],
    [{ scopes: [{ path: '/a' }, '/b'] }, 'scopes[1]: expected an object'],
    [{ scopes: [{ path: '/a' }, { tag: '' }] }, 'scopes[1]: tag: expected a tag'],
    [{ scopes: [{ path: '/a', dryRun: true }] }, 'scopes[0]: "dryRun": unknown name'],
    [{ scopes: [{ path: '/a' }], path: '/b' }, '"path": not beside scopes'],
    [JSON.parse('{"__proto__": 1, "path": "/a"}'), '"__proto__": unknown name'],
    [{ path: '/a', ['x'.repeat(1000)]: 1 }, `"${'x'.repeat(40)}...": unknown name`],
  ])('%j is none', (value, sentence) => {
    expect(readOrder(value)).toBe(sentence);
  });

  it('is never made of what is not understood, whatever the JSON', () => {
    const known = new Set(['path', 'recursive', 'glob', 'tag', 'olderThan', 'all']);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const order = readOrder(value);
        if (typeof order === 'string') return order.length < 200;
        return order.scopes.every((scope) => Object.keys(scope).every((name) => known.has(name)));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a limiter', () => {
  it('lets so many through at once, then one by one as time goes on', () => {
    let time = 0;
    const take = createLimiter(6, () => time);
    expect(Array.from({ length: 8 }, take)).toEqual([0, 0, 0, 0, 0, 0, 10, 10]);
    time += 4_000;
    expect(take()).toBe(6);
    time += 6_000;
    expect([take(), take()]).toEqual([0, 10]);
    time += 3_600_000;
    expect(Array.from({ length: 7 }, take)).toEqual([0, 0, 0, 0, 0, 0, 10]);
  });
});

describe('an endpoint', () => {
  const ask = (
    endpoint: ReturnType<typeof createEndpoint>,
    fields: Record<string, string>,
    body: () => Promise<PurgeBody> = async () => ({ kind: 'bytes', bytes: Buffer.from('{"all":true}') }),
  ) =>
    endpoint({
      method: 'POST',
      field: (name) => ({ 'content-type': 'application/json', ...fields })[name],
      body,
    });
  const authorization = `Bearer ${token}`;

  it('holds wrong tokens back after some, and never the right one', async () => {
    let time = 0;
    const endpoint = createEndpoint(
      { token, cache: await newCache(), failuresPerMinute: 3, perMinute: 5 },
      () => time,
    );
    const wrong = async (): Promise<number> => (await ask(endpoint, { authorization: 'Bearer no' })).status;
    expect([await wrong(), await wrong(), await wrong(), await wrong()]).toEqual([401, 401, 401, 429]);
    const statuses = [];
    for (let at = 0; at < 6; at += 1) statuses.push((await ask(endpoint, { authorization })).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await ask(endpoint, { authorization })).headers['Retry-After']).toBe('12');
    time += 12_000;
    expect((await ask(endpoint, { authorization })).status).toBe(200);
    time += 8_000;
    expect([await wrong(), await wrong()]).toEqual([401, 429]);
  });

  it('reads no body before it has seen the token', async () => {
    const endpoint = createEndpoint({ token, cache: await newCache() });
    const untouched = async (): Promise<PurgeBody> => {
      throw new Error('was read');
    };
    for (const shown of [
      '',
      'Bearer',
      'Bearer  ',
      `Basic ${token}`,
      `Bearer ${token}x`,
      `Bearer ${token} x`,
      token,
    ]) {
      expect((await ask(endpoint, { authorization: shown }, untouched)).status).toBe(401);
    }
    expect((await ask(endpoint, { authorization, 'content-type': 'text/plain' }, untouched)).status).toBe(
      415,
    );
    const long = { authorization, 'content-length': `${LARGEST_BODY + 1}` };
    expect((await ask(endpoint, long, untouched)).status).toBe(413);
  });

  it('tells whether a token was shown, and what to show', async () => {
    const endpoint = createEndpoint({ token, cache: await newCache() });
    const challenge = async (fields: Record<string, string>) =>
      (await ask(endpoint, fields)).headers['WWW-Authenticate'];
    expect(await challenge({})).toBe('Bearer realm="pagetree"');
    expect(await challenge({ authorization: 'Bearer x' })).toBe(
      'Bearer realm="pagetree", error="invalid_token"',
    );
  });

  it('takes the scheme in any case (RFC 9110, 11.1)', async () => {
    const endpoint = createEndpoint({ token, cache: await newCache() });
    expect((await ask(endpoint, { authorization: `bEARER   ${token}` })).status).toBe(200);
  });

  it.each([
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['APPLICATION/JSON', 200],
    ['application/x-www-form-urlencoded', 415],
    ['application/jsonp', 415],
    ['', 415],
  ])('with Content-Type %j answers %i', async (type, status) => {
    const endpoint = createEndpoint({ token, cache: await newCache() });
    expect((await ask(endpoint, { authorization, 'content-type': type })).status).toBe(status);
  });

  it.each<[PurgeBody, number]>([
    [{ kind: 'bytes', bytes: Buffer.from('') }, 400],
    [{ kind: 'bytes', bytes: Buffer.from('{"all":true') }, 400],
    [{ kind: 'bytes', bytes: Buffer.from([0x22, 0xff, 0x22]) }, 400],
    [{ kind: 'bytes', bytes: Buffer.from('{"all":"x"}') }, 422],
    [{ kind: 'parsed', value: { all: true } }, 200],
    [{ kind: 'parsed', value: 'x' }, 422],
    [{ kind: 'too-large' }, 413],
    [{ kind: 'broken' }, 400],
    [{ kind: 'taken' }, 500],
  ])('to the body %j answers %i', async (body, status) => {
    const endpoint = createEndpoint({ token, cache: await newCache() });
    const answer = await ask(endpoint, { authorization }, async () => body);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    expect(JSON.parse(answer.body)).toBeTypeOf('object');
  });

  it('never says the token, nor a piece of a body that is not JSON', async () => {
    const endpoint = createEndpoint({ token, cache: await newCache() });
    for (const body of [token, `{"path":"${token}"`, `{"${token}":1}x`]) {
      const answer = await ask(endpoint, { authorization }, async () => ({
        kind: 'bytes',
        bytes: Buffer.from(body),
      }));
      expect(JSON.stringify(answer)).not.toContain(token.slice(0, 10));
    }
  });

  it('compares digests of one length, however long a token is', async () => {
    const endpoint = createEndpoint({ token, cache: await newCache(), failuresPerMinute: 1000 });
    for (const length of [1, 31, 32, 33, 64, 8000]) {
      expect((await ask(endpoint, { authorization: `Bearer ${'x'.repeat(length)}` })).status).toBe(401);
    }
  });
});
