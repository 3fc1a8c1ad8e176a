import { createHash } from 'node:crypto';
import { validatorsOf } from '@pagetree/core';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/check/ask.ts';
import { compare } from '../../src/check/compare.ts';
import type { Expected } from '../../src/check/verdict.ts';

const page = Buffer.from('<p>the page</p>');
const digest = createHash('sha256').update(page).digest('hex');
const nothing = createHash('sha256').digest('hex');
const validators = validatorsOf(1_700_000_000_000, page.length);

const expected: Expected = {
  status: 200,
  coding: 'identity',
  accepted: ['gzip', 'identity'],
  type: 'text/html; charset=utf-8',
  cacheControl: 'public, max-age=60',
  varies: true,
  hasVariants: true,
  validators,
  size: page.length,
  digest,
  contentRange: undefined,
  lost: [],
  headers: [['content-language', 'en']],
};

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-language': 'en',
  'cache-control': 'public, max-age=60',
  vary: 'Accept-Encoding',
  etag: validators.etag,
  'last-modified': validators.lastModified,
  'accept-ranges': 'bytes',
};

const right: Answer = { status: 200, headers, raw: page, text: page, digest };
const asking = { method: 'GET', target: '/', headers: {} };

/** An answer with other fields; `undefined` takes one away. */
function answer(fields: Readonly<Record<string, string | undefined>>, more: Partial<Answer> = {}): Answer {
  const all = Object.entries({ ...headers, ...fields }).filter(([, value]) => value !== undefined);
  return { ...right, headers: Object.fromEntries(all) as Record<string, string>, ...more };
}

function told(got: Answer, wanted: Partial<Expected> = {}, leeway = {}): string[] {
  const flaws = compare({ ...expected, ...wanted }, got, asking, leeway);
  return flaws.map(({ aspect, harmless }) => `${aspect}${harmless ? ' (harmless)' : ''}`);
}

describe('compare', () => {
  it.each<[string, Answer, Partial<Expected>]>([
    ['the same', right, {}],
    ['a type in another spelling', answer({ 'content-type': 'Text/HTML;charset="UTF-8"' }), {}],
    ['Cache-Control in another order', answer({ 'cache-control': 'max-age=60,Public' }), {}],
    ['a Vary with more in it', answer({ vary: 'Origin, accept-encoding' }), {}],
    ['more header fields', answer({ server: 'nginx', date: 'now', 'x-frame-options': 'DENY' }), {}],
    [
      '304',
      answer(
        { 'content-type': undefined, 'accept-ranges': undefined, 'last-modified': undefined },
        { status: 304, digest: nothing },
      ),
      { status: 304 },
    ],
    [
      '416',
      answer({ 'content-range': 'bytes */15', 'content-type': 'text/plain' }, { status: 416, digest: 'x' }),
      { status: 416, contentRange: 'bytes */15' },
    ],
    ['a coding', answer({ 'content-encoding': 'gzip' }), { coding: 'gzip' }],
  ])('has nothing to say of %s', (_, got, wanted) => {
    expect(told(got, wanted)).toEqual([]);
  });

  it.each<[string, Answer, Partial<Expected>, string]>([
    ['another ETag beside the date', answer({ etag: 'W/"a"' }), {}, 'validators (harmless)'],
    ['a date and no ETag', answer({ etag: undefined }), {}, 'validators (harmless)'],
    [
      'no Vary before there is a variant',
      answer({ vary: undefined }),
      { hasVariants: false },
      'vary (harmless)',
    ],
    [
      'a Cache-Control of the application that no server can know',
      answer({ 'cache-control': 'no-cache' }),
      { lost: ['cache-control'] },
      'cache-control (harmless)',
    ],
    ['a coding that the client takes', answer({ 'content-encoding': 'gzip' }), {}, 'encoding (harmless)'],
    ['no word about ranges', answer({ 'accept-ranges': undefined }), {}, 'range (harmless)'],
    ['a stored field that is lost', answer({ 'content-language': undefined }), {}, 'headers (harmless)'],
    [
      '304 without an ETag',
      answer({ etag: undefined }, { status: 304, digest: nothing }),
      { status: 304 },
      'validators (harmless)',
    ],
    [
      '416 without the length',
      answer({}, { status: 416 }),
      { status: 416, contentRange: 'bytes */15' },
      'range (harmless)',
    ],
  ])('knows that %s does no harm', (_, got, wanted, said) => {
    expect(told(got, wanted)).toEqual([said]);
  });

  it.each<[string, Answer, Partial<Expected>, string[]]>([
    ['another status', answer({}, { status: 404 }), {}, ['status']],
    ['the whole page for 304', right, { status: 304 }, ['status']],
    ['another body', answer({}, { digest: nothing, text: Buffer.alloc(0) }), {}, ['body']],
    ['a body with 304', answer({}, { status: 304 }), { status: 304 }, ['body']],
    ['another type', answer({ 'content-type': 'text/plain' }), {}, ['type']],
    ['no type', answer({ 'content-type': undefined }), {}, ['type']],
    ['no Cache-Control', answer({ 'cache-control': undefined }), {}, ['cache-control']],
    [
      'Cache-Control twice',
      answer({ 'cache-control': 'public, max-age=60, no-cache' }),
      {},
      ['cache-control'],
    ],
    ['no Vary beside variants', answer({ vary: undefined }), {}, ['vary']],
    ['Vary: *', answer({ vary: '*' }), {}, ['vary']],
    [
      'no validator',
      answer({ etag: undefined, 'last-modified': undefined }),
      {},
      ['validators', 'validators'],
    ],
    ['another date', answer({ 'last-modified': new Date(0).toUTCString() }), {}, ['validators']],
    ['a coding that nobody takes', answer({ 'content-encoding': 'br' }), {}, ['encoding']],
    [
      'a coding that it does not have',
      answer({ 'content-encoding': 'gzip' }, { digest: undefined }),
      {},
      ['encoding'],
    ],
    ['a cookie', answer({ 'set-cookie': 'id=secret; Path=/' }), {}, ['set-cookie']],
    [
      'another part',
      answer({ 'content-range': 'bytes 1-2/15' }, { status: 206 }),
      {
        status: 206,
        contentRange: 'bytes 0-1/15',
      },
      ['range'],
    ],
  ])('finds %s', (_, got, wanted, said) => {
    expect(told(got, wanted)).toEqual(said);
  });

  it('never repeats the value of a cookie', () => {
    const flaws = compare(expected, answer({ 'set-cookie': 'id=secret; Path=/' }), asking);
    expect(JSON.stringify(flaws)).not.toContain('secret');
  });

  it('lets the whole page pass where it will do', () => {
    expect(told(right, { status: 206 }, { wholeWillDo: true })).toEqual(['range (harmless)']);
    expect(told(right, { status: 412 }, { wholeWillDo: true })).toEqual(['status']);
  });

  it('holds HEAD to the length of the page', () => {
    const head = { ...asking, method: 'HEAD' };
    const empty = { raw: Buffer.alloc(0), text: Buffer.alloc(0), digest: nothing };
    const wanted = { ...expected, digest: nothing };
    expect(compare(wanted, answer({ 'content-length': '15' }, empty), head)).toEqual([]);
    expect(compare(wanted, answer({}, empty), head)).toEqual([]);
    expect(compare(wanted, answer({ 'content-length': '14' }, empty), head)).toMatchObject([
      { aspect: 'body' },
    ]);
  });
});
