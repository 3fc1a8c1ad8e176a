import mimeTypes from 'mime-types';
import { mimes } from 'mrmime';
import { describe, expect, it } from 'vitest';
import { PagetreeError } from '../../src/errors.ts';
import { extensionOf, extensionTypes } from '../../src/policy/extension-types.ts';
import { acceptsType, compileTypes, contentTypeFor, placeType } from '../../src/policy/types.ts';

describe('extensions', () => {
  it.each([
    ['a.css', 'css'],
    ['a/b.min.JS', 'js'],
    ['a', ''],
    ['a.b/c', ''],
    ['.well-known/security.txt', 'txt'],
    ['.well-known/x', ''],
    ['a/.css', ''],
    ['.css', ''],
    ['a.', ''],
    ['a..css', 'css'],
    ['a/__index.html', 'html'],
    ['v1.2', '2'],
  ])('%s has the extension %j, as nginx sees it', (path, expected) => {
    expect(extensionOf(path)).toBe(expected);
  });

  it('mean what mime-types says, which Express and Fastify ask', () => {
    const others = [...extensionTypes].filter(([extension, type]) => mimeTypes.lookup(extension) !== type);
    // HEIF sequences in HEVC: registered, and not in mime-types.
    expect(others).toEqual([['hsj2', 'image/hsj2']]);
  });

  it('are all that mrmime knows, and more', () => {
    expect(Object.keys(mimes).filter((extension) => !extensionTypes.has(extension))).toEqual([]);
    expect([...extensionTypes.keys()]).toEqual([...extensionTypes.keys()].sort());
  });

  it.each([
    ['xml', 'application/xml'],
    ['js', 'text/javascript'],
    ['mjs', 'text/javascript'],
    ['json', 'application/json'],
    ['map', 'application/json'],
    ['webmanifest', 'application/manifest+json'],
    ['rss', 'application/rss+xml'],
    ['atom', 'application/atom+xml'],
    ['ico', 'image/vnd.microsoft.icon'],
    ['svg', 'image/svg+xml'],
    ['wasm', 'application/wasm'],
    ['md', 'text/markdown'],
    ['csv', 'text/csv'],
    ['woff2', 'font/woff2'],
    ['txt', 'text/plain'],
    ['html', 'text/html'],
  ])('.%s is %s', (extension, type) => {
    expect(extensionTypes.get(extension)).toBe(type);
  });
});

describe('the type of a place', () => {
  const rules = compileTypes({
    contentType: 'Text/Plain',
    types: {
      '/feed': 'application/rss+xml',
      '/feed/atom': 'application/atom+xml',
      '.WebFont': 'font/woff2',
      '.css': 'text/x-css',
    },
  });

  it.each([
    ['/a', 'a', 'text/plain; charset=utf-8'],
    ['/a.unknown', 'a.unknown', 'text/plain; charset=utf-8'],
    ['/a.png', 'a.png', 'image/png'],
    ['/a.webfont', 'a.webfont', 'font/woff2'],
    ['/a.css', 'a.css', 'text/x-css; charset=utf-8'],
    ['/a.json', 'a.json', 'application/json; charset=utf-8'],
    ['/a/', 'a/__index.html', 'text/html; charset=utf-8'],
    ['/feed', 'feed', 'application/rss+xml; charset=utf-8'],
    ['/feed/', 'feed/__index.html', 'application/rss+xml; charset=utf-8'],
    ['/feed/x.css', 'feed/x.css', 'application/rss+xml; charset=utf-8'],
    ['/feed/atom', 'feed/atom', 'application/atom+xml; charset=utf-8'],
    ['/feeds', 'feeds', 'text/plain; charset=utf-8'],
  ])('%s in %s is %s', (key, place, full) => {
    expect(contentTypeFor(key, place, rules).full).toBe(full);
  });

  it('is text/html when nothing else is said', () => {
    expect(contentTypeFor('/a', 'a', compileTypes({}))).toEqual({
      mediaType: 'text/html',
      full: 'text/html; charset=utf-8',
      textual: true,
    });
  });

  it.each([
    [
      { contentType: 'html' },
      'The option contentType is "html"; expected a media type in UTF-8 such as "text/html".',
    ],
    [{ contentType: '' }, 'contentType is ""'],
    [{ contentType: 'text/html; charset=latin1' }, 'contentType is'],
    [{ types: { '/a': 'nonsense' } }, 'types["/a"] is "nonsense"'],
    [{ types: { '/a': 5 as unknown as string } }, 'types["/a"] is 5'],
    [
      { types: { css: 'text/css' } },
      'The option types has the name "css"; expected a path prefix ("/feed") or one extension (".webfont").',
    ],
    [{ types: { '.tar.gz': 'application/gzip' } }, 'types has the name ".tar.gz"'],
    [{ types: { '.': 'text/css' } }, 'types has the name "."'],
    [{ types: { '.a;b': 'text/css' } }, 'types has the name ".a;b"'],
  ])('%j cannot be used', (options, message) => {
    expect(() => compileTypes(options)).toThrow(PagetreeError);
    expect(() => compileTypes(options)).toThrow(message);
  });

  it('may name UTF-8 in an option', () => {
    expect(compileTypes({ contentType: 'text/plain; charset=UTF-8' }).fallback.full).toBe(
      'text/plain; charset=utf-8',
    );
  });
});

describe('the type of a response', () => {
  const same = { kind: 'same', validateUtf8: false };
  const unproven = { kind: 'same', validateUtf8: true };
  const mismatch = { kind: 'refused', reason: 'type-mismatch' };
  const charset = { kind: 'refused', reason: 'charset' };

  it.each([
    ['text/html', 'text/html; charset=utf-8', same],
    ['text/html', 'Text/HTML;charset="UTF-8"', same],
    ['text/html', 'text/html; charset=utf8', same],
    ['text/html', ' text/html ; charset=utf-8 ; ', same],
    ['text/html', 'text/html; version=5; charset=utf-8', same],
    ['text/html', 'text/html', unproven],
    ['text/html', 'text/html;', unproven],
    ['text/html', 'text/html; charset=US-ASCII', unproven],
    ['application/json', 'application/json', unproven],
    ['image/svg+xml', 'image/svg+xml', unproven],
    ['image/png', 'image/png', same],
    ['image/png', 'IMAGE/PNG', same],
    ['image/png', 'image/png; charset=utf-8', same],
    ['text/html', 'text/html; charset=iso-8859-1', charset],
    ['text/html', 'text/html; charset=utf-16', charset],
    ['text/html', 'text/html; charset', charset],
    ['text/html', 'text/html; charset=""', charset],
    ['image/png', 'image/png; charset=latin1', charset],
    ['text/html', 'text/html; charset=utf-8; charset=latin1', mismatch],
    ['text/html', 'text/html; charset=', mismatch],
    ['text/html', 'text/html, text/html', mismatch],
    ['text/html', 'text/plain', mismatch],
    ['text/html', 'text', mismatch],
    ['text/html', '', mismatch],
    ['text/html', undefined, mismatch],
    ['text/html', null, mismatch],
    ['text/javascript', 'application/javascript; charset=utf-8', same],
    ['text/javascript', 'application/x-javascript', unproven],
    ['application/javascript', 'text/javascript', unproven],
    ['application/xml', 'text/xml; charset=utf-8', same],
    ['application/yaml', 'text/yaml', unproven],
    ['image/vnd.microsoft.icon', 'image/x-icon', same],
    ['image/x-icon', 'image/vnd.microsoft.icon', same],
    ['font/woff', 'application/font-woff', same],
    ['application/xml', 'application/rss+xml', mismatch],
    ['application/json', 'text/json', mismatch],
  ])('a place of %s takes %j: %j', (place, contentType, expected) => {
    expect(acceptsType(placeType(place), contentType)).toEqual(expected);
  });

  it('text is what has a charset', () => {
    const textual = [
      'text/html',
      'application/json',
      'application/ld+json',
      'image/svg+xml',
      'application/yaml',
      'a/b+yaml',
      'application/xml',
      'text/javascript',
      'application/toml',
    ];
    const binary = [
      'image/png',
      'application/octet-stream',
      'application/wasm',
      'font/woff2',
      'application/pdf',
      'audio/mpeg',
      'application/zip',
    ];
    expect(textual.filter((type) => !placeType(type).textual)).toEqual([]);
    expect(binary.filter((type) => placeType(type).full !== type)).toEqual([]);
  });
});
