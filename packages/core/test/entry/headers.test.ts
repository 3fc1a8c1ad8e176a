import { describe, expect, it } from 'vitest';
import { isReplayable, lostBehindServers, replayable, replayableNames } from '../../src/entry/headers.ts';

describe('replayed headers', () => {
  it('are those of the page, line by line', () => {
    expect(
      replayable({
        'content-security-policy': "default-src 'self'",
        link: ['</a>; rel=preload', '</b>; rel=preload'],
        'x-frame-options': undefined,
        'x-powered-by': 'Express',
        'access-control-allow-origin': '*',
      }),
    ).toEqual([
      ['content-security-policy', "default-src 'self'"],
      ['link', '</a>; rel=preload'],
      ['link', '</b>; rel=preload'],
      ['access-control-allow-origin', '*'],
    ]);
  });

  it.each([
    'set-cookie',
    'date',
    'age',
    'etag',
    'last-modified',
    'vary',
    'connection',
    'keep-alive',
    'transfer-encoding',
    'content-length',
    'content-encoding',
    'content-type',
    'cache-control',
    'cache-status',
    'expires',
    'server-timing',
    'x-request-id',
    'trailer',
    'access-control-allow-credentials',
    'www-authenticate',
    'location',
    'content-range',
    'content-digest',
    'clear-site-data',
    'upgrade',
  ])('%s is not one of them', (name) => {
    expect(isReplayable(name, 'x')).toBe(false);
  });

  it('an origin of its own is not replayed to others', () => {
    expect(isReplayable('access-control-allow-origin', 'https://example.org')).toBe(false);
  });

  it.each(['a\r\nset-cookie: x', 'a\u0000', 'a\u007f', 'a\u0100'])('the value %j cannot be sent', (value) => {
    expect(isReplayable('link', value)).toBe(false);
    expect(replayable({ link: ['</a>', value] })).toEqual([['link', '</a>']]);
  });

  it('may be the numbers that were given to setHeader', () => {
    expect(replayable({ 'x-xss-protection': 0 as unknown as string })).toEqual([['x-xss-protection', '0']]);
  });

  it('are never cut: what is dropped might be the security policy', () => {
    expect(replayable({ link: Array(64).fill('x') })).toHaveLength(64);
    expect(replayable({ link: Array(65).fill('x') })).toBeUndefined();
    expect(replayable({ link: 'x'.repeat(16_380) })).toHaveLength(1);
    expect(replayable({ link: 'x'.repeat(16_381) })).toBeUndefined();
  });

  it('have lower-case names', () => {
    expect([...replayableNames].filter((name) => !/^[a-z][a-z-]*$/.test(name))).toEqual([]);
  });
});

describe('what is lost behind a front-end server', () => {
  it('is every header of the page, and a Cache-Control that the server would not send', () => {
    const headers = [
      ['link', '</a>'],
      ['link', '</b>'],
    ] as const;
    expect(lostBehindServers(headers, undefined, undefined)).toEqual(['link']);
    expect(lostBehindServers([], 'no-cache', undefined)).toEqual([]);
    expect(lostBehindServers([], 'max-age=60', undefined)).toEqual(['cache-control']);
    expect(lostBehindServers([], 'max-age=60', 'max-age=5')).toEqual([]);
  });
});
