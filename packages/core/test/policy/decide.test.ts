import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { HeaderMap, PageRequest, ResponseHead } from '../../src/contracts.ts';
import { decideResponse, type ResponseContext } from '../../src/policy/decide.ts';
import { placeType } from '../../src/policy/types.ts';

const html = { 'content-type': 'text/html; charset=utf-8' };
const request: PageRequest = { method: 'GET', target: '/a', headers: {} };

function decide(headers: HeaderMap, more: Partial<ResponseContext> & { status?: number } = {}) {
  const { status = 200, ...context } = more;
  return decideResponse(
    { status, headers },
    { request, type: placeType('text/html'), maxPageSize: 1000, zstd: false, ...context },
  );
}

describe('a response that is stored', () => {
  it('says what the fill must do and what meta keeps', () => {
    expect(
      decide({
        ...html,
        'content-length': '1000',
        'cache-control': 'public, max-age=60',
        etag: 'W/"3e8-x"',
        'last-modified': 'Tue, 14 Nov 2023 22:13:20 GMT',
        vary: 'Accept-Encoding',
        'surrogate-key': 'a b',
        'x-frame-options': 'DENY',
        'x-powered-by': 'Express',
      }),
    ).toEqual({
      kind: 'store',
      codings: [],
      contentLength: 1000,
      validateUtf8: false,
      headers: [['x-frame-options', 'DENY']],
      cacheControl: 'public, max-age=60',
      etag: 'W/"3e8-x"',
      lastModified: 1_700_000_000_000,
      tags: ['a', 'b'],
    });
  });

  it('needs no more than a type', () => {
    expect(decide({ 'content-type': 'text/html' })).toEqual({
      kind: 'store',
      codings: [],
      contentLength: undefined,
      validateUtf8: true,
      headers: [],
      cacheControl: undefined,
      etag: undefined,
      lastModified: undefined,
      tags: [],
    });
  });

  it('is stored without validators that make no sense', () => {
    expect(decide({ ...html, etag: 'x', 'last-modified': 'yesterday' })).toMatchObject({
      kind: 'store',
      etag: undefined,
      lastModified: undefined,
    });
    expect(decide({ ...html, etag: ['"a"', '"b"'] })).toMatchObject({ kind: 'store', etag: undefined });
  });

  it.each<HeaderMap>([
    { vary: 'accept-encoding' },
    { vary: 'Accept-Encoding, ACCEPT-ENCODING' },
    { vary: '' },
    { vary: ', ,' },
    { vary: ['Accept-Encoding', 'accept-encoding'] },
    { 'cache-control': 'max-age=0, must-revalidate' },
    { 'cache-control': 's-maxage=0' },
    { pragma: 'x' },
    { expires: '0' },
    { 'surrogate-control': 'max-age=60, content="ESI/1.0"' },
    { 'cdn-cache-control': 'max-age=60' },
    { trailer: '' },
    { 'content-encoding': 'identity' },
    { 'content-encoding': '' },
    { 'content-length': '5, 5' },
    { 'content-length': ['5', '5'] },
    { 'content-type': ['text/html'] },
    { 'cache-control': 'x'.repeat(1024) },
  ])('%j is no obstacle', (headers) => {
    expect(decide({ ...html, ...headers }).kind).toBe('store');
  });

  it.each<[string, boolean, readonly string[]]>([
    ['gzip', false, ['gzip']],
    ['X-GZIP', false, ['gzip']],
    ['br', false, ['br']],
    ['deflate', false, ['deflate']],
    ['zstd', true, ['zstd']],
    ['gzip, br', false, ['br', 'gzip']],
    ['identity, gzip,', false, ['gzip']],
  ])('Content-Encoding %j (zstd: %s) is undone by %j', (coding, zstd, codings) => {
    expect(decide({ ...html, 'content-encoding': coding }, { zstd })).toMatchObject({
      kind: 'store',
      codings,
    });
  });

  it('may be longer than a page while it is compressed: nobody knows its real length yet', () => {
    const coded = { ...html, 'content-encoding': 'gzip', 'content-length': '5000' };
    expect(decide(coded)).toMatchObject({ kind: 'store', contentLength: 5000 });
  });
});

describe('a response that is refused', () => {
  it.each<[string, HeaderMap & { ':status'?: string }, string]>([
    ['status', { ':status': '404' }, '404'],
    ['status', { ':status': '304' }, '304'],
    ['status', { ':status': '203' }, '203'],
    ['partial-content', { ':status': '206' }, '206'],
    ['partial-content', { ':status': '206', 'content-range': 'bytes 0-0/5' }, 'bytes 0-0/5'],
    ['partial-content', { 'content-range': 'bytes 0-0/5' }, 'bytes 0-0/5'],
    ['endless', { 'content-type': 'text/event-stream' }, 'text/event-stream'],
    ['endless', { 'content-type': 'Text/Event-Stream ; charset=utf-8' }, 'Text/Event-Stream ; charset=utf-8'],
    ['endless', { 'content-type': ['text/event-stream'] }, 'text/event-stream'],
    [
      'endless',
      { 'content-type': 'multipart/x-mixed-replace;boundary=frame' },
      'multipart/x-mixed-replace;boundary=frame',
    ],
    ['set-cookie', { 'set-cookie': 'session=SECRET; Path=/' }, 'session'],
    ['set-cookie', { 'set-cookie': ['a=SECRET', 'b=SECRET', 'SECRET'] }, 'a, b, (no name)'],
    ['cache-control', { 'cache-control': 'max-age=0, private' }, 'max-age=0, private'],
    ['cache-control', { 'cache-control': ['public', 'no-store'] }, 'public, no-store'],
    ['cache-control', { 'cache-control': 'public; max-age=1' }, 'malformed: public; max-age=1'],
    ['cache-control', { 'surrogate-control': 'no-store' }, 'surrogate-control: no-store'],
    ['cache-control', { 'cdn-cache-control': 'private' }, 'cdn-cache-control: private'],
    ['cache-control', { pragma: 'no-cache' }, 'pragma: no-cache'],
    ['vary', { vary: '*' }, '*'],
    ['vary', { vary: 'Accept-Encoding, Cookie, Origin' }, 'Cookie, Origin'],
    ['vary', { vary: ['accept-encoding', 'accept'] }, 'accept'],
    ['vary', { vary: 'accept encoding' }, 'accept encoding'],
    ['trailers', { trailer: 'Digest' }, 'Digest'],
    [
      'type-mismatch',
      { 'content-type': 'application/json' },
      'application/json, place says text/html; charset=utf-8',
    ],
    ['type-mismatch', { 'content-type': undefined }, 'no content-type, place says text/html; charset=utf-8'],
    [
      'type-mismatch',
      { 'content-type': ['text/html', 'text/css'] },
      'text/html and text/css, place says text/html; charset=utf-8',
    ],
    [
      'charset',
      { 'content-type': 'text/html; charset=latin1' },
      'text/html; charset=latin1, place says text/html; charset=utf-8',
    ],
    ['encoding', { 'content-encoding': 'compress' }, 'compress'],
    ['encoding', { 'content-encoding': 'zstd' }, 'zstd'],
    ['encoding', { 'content-encoding': 'gzip, gzip, gzip' }, 'gzip, gzip, gzip'],
    ['length-mismatch', { 'content-length': '5, 6' }, 'content-length: 5, 6'],
    ['length-mismatch', { 'content-length': ['5', '6'] }, 'content-length: 5, 6'],
    ['length-mismatch', { 'content-length': '-1' }, 'content-length: -1'],
    ['length-mismatch', { 'content-length': '0x10' }, 'content-length: 0x10'],
    ['length-mismatch', { 'content-length': '' }, 'content-length: '],
    ['length-mismatch', { 'content-length': '9'.repeat(16) }, `content-length: ${'9'.repeat(16)}`],
    ['empty-body', { 'content-length': '0' }, 'content-length: 0'],
    ['too-large', { 'content-length': '1001' }, '1001 bytes, at most 1000'],
    ['too-many-headers', { link: Array(65).fill('</a>') }, 'headers'],
    ['too-many-headers', { xkey: 'x'.repeat(9000) }, 'tags'],
    ['too-many-headers', { 'cache-control': 'x'.repeat(1025) }, 'cache-control'],
  ])('%s: %j', (reason, { ':status': status = '200', ...headers }, detail) => {
    expect(decide({ ...html, ...headers }, { status: Number(status) })).toEqual({
      kind: 'refused',
      reason,
      detail,
    });
  });

  it('never tells the value of a cookie', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('', '=', 'a=', ' a =', 'a b=', ';'), (junk, before) => {
        const found = decide({ ...html, 'set-cookie': `${before}SECRET${junk}` });
        expect(found).toMatchObject({ reason: 'set-cookie' });
        if (!junk.includes('=')) expect(JSON.stringify(found)).not.toContain('SECRET');
      }),
    );
  });

  it('has a detail that can be logged, whatever the head says', () => {
    const name = fc.constantFrom(
      'content-type',
      'cache-control',
      'vary',
      'content-encoding',
      'content-length',
      'set-cookie',
      'content-range',
      'pragma',
      'etag',
      'last-modified',
      'link',
      'xkey',
      'trailer',
    );
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.array(fc.string()),
      fc.constant(undefined),
    );
    fc.assert(
      fc.property(fc.dictionary(name, value), fc.integer({ min: 0, max: 999 }), (headers, status) => {
        const found = decide(headers, { status });
        if (found.kind === 'refused') expect(found.detail).toMatch(/^[\x20-\x7e]{0,200}$/);
      }),
    );
  });
});

describe('the hook', () => {
  const head: ResponseHead = { status: 200, headers: html };

  it('is asked with the request and the response', () => {
    const shouldStore = vi.fn(() => true);
    expect(
      decideResponse(head, {
        request,
        type: placeType('text/html'),
        maxPageSize: 1,
        zstd: false,
        shouldStore,
      }).kind,
    ).toBe('store');
    expect(shouldStore.mock.calls).toEqual([[request, head]]);
  });

  it('is not asked about what another rule refuses', () => {
    const shouldStore = vi.fn(() => true);
    expect(decide({}, { shouldStore }).kind).toBe('refused');
    expect(shouldStore).not.toHaveBeenCalled();
  });

  it('may say no', () => {
    expect(decide(html, { shouldStore: () => false })).toEqual({
      kind: 'refused',
      reason: 'should-store',
      detail: 'shouldStore said no',
    });
  });

  it('that throws, refuses', () => {
    const error = new Error('SECRET');
    const shouldStore = () => {
      throw error;
    };
    expect(decide(html, { shouldStore })).toEqual({
      kind: 'refused',
      reason: 'hook-error',
      detail: 'shouldStore threw',
      error,
    });
  });

  it('that throws what is no error, refuses', () => {
    const shouldStore = () => {
      throw 'text';
    };
    expect(decide(html, { shouldStore })).toMatchObject({
      reason: 'hook-error',
      error: { message: 'shouldStore threw', cause: 'text' },
    });
  });

  it.each([undefined, 1, 'yes', null, {}])('that answers %j, refuses', (answer) => {
    const shouldStore = (() => answer) as unknown as () => boolean;
    expect(decide(html, { shouldStore })).toMatchObject({
      reason: 'hook-error',
      error: { message: 'shouldStore must return true or false' },
    });
  });

  it('that is async, refuses: its promise would always mean yes, and its rejection would end the process', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const shouldStore = (async () => {
      throw new Error('later');
    }) as unknown as () => boolean;
    expect(decide(html, { shouldStore })).toMatchObject({ reason: 'hook-error' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('a page that cannot be public', () => {
  const json = { 'content-type': 'application/json' };
  const asking = (accept: string | undefined): PageRequest => ({ ...request, headers: { accept } });

  it('is hidden under the type it says itself', () => {
    expect(decide(json, { hides: true })).toMatchObject({
      kind: 'store',
      hiddenAs: { mediaType: 'application/json', full: 'application/json', textual: true },
      validateUtf8: false,
    });
  });

  it.each<[string, HeaderMap, string | undefined]>([
    ['no type', {}, undefined],
    ['two types', { 'content-type': ['application/json', 'text/css'] }, undefined],
    ['a type that cannot be read', { 'content-type': 'json' }, undefined],
    ['a type that is too long', { 'content-type': `application/json; a=${'x'.repeat(256)}` }, undefined],
    ['a type that the client preferred', json, 'application/json, text/html;q=0.5'],
    ['a type that the client may have preferred', json, 'application/json;v=1, text/html'],
  ])('is refused with %s', (_name, headers, accept) => {
    expect(decide(headers, { hides: true, request: asking(accept) })).toMatchObject({
      kind: 'refused',
      reason: 'type-mismatch',
    });
  });

  it('is hidden with headers that a front-end server would not send, in a strict tree, or refused', () => {
    const headers = { ...html, link: '</a>' };
    expect(decide(headers, { fidelity: 'strict', hides: true })).toMatchObject({
      kind: 'store',
      hiddenAs: placeType('text/html'),
    });
    expect(decide(headers, { fidelity: 'strict' })).toMatchObject({
      kind: 'refused',
      reason: 'lost-headers',
    });
    expect(decide(html, { fidelity: 'strict', hides: true })).toMatchObject({ hiddenAs: undefined });
  });
});
