import { expect, test } from 'vitest';
import { PagetreeError } from '../../src/errors.ts';
import type { CacheOptions } from '../../src/options.ts';
import { resolveOptions } from '../../src/resolve-options.ts';

const mistakes: [options: object, message: string][] = [
  [{ cacheDir: '' }, 'cacheDir: expected the path of a folder, but got "".'],
  [{ cacheDir: 'a\0b' }, 'cacheDir: expected the path of a folder, but got "a\\u0000b".'],
  [{ cacheDir: 1 }, 'cacheDir: expected the path of a folder, but got 1.'],
  [{}, 'cacheDir: expected the path of a folder, but got undefined.'],
  [
    { layout: 'flat' },
    "layout: expected one of 'mirror', 'html', 'index', or a layout of your own, but got \"flat\".",
  ],
  [{ trailingSlash: true }, "trailingSlash: expected one of 'always', 'never', but got true."],
  [
    { contentType: 'text/html; charset=utf-8' },
    'contentType: expected a media type in lower case without parameters, as `text/html`, but got "text/html; charset=utf-8".',
  ],
  [{ types: [] }, 'types: expected an object, but got [].'],
  [
    { types: { feed: 'a/b' } },
    'types: expected extensions (`.feed`) or path prefixes (`/feed`) as names, but got "feed".',
  ],
  [
    { types: { '/feed': 'XML' } },
    'types[\'/feed\']: expected a media type in lower case without parameters, but got "XML".',
  ],
  [{ cacheControl: null }, 'cacheControl: expected an object, but got null.'],
  [{ cacheControl: { a: 'x' } }, 'cacheControl: expected path prefixes (`/assets`) as names, but got "a".'],
  [
    { cacheControl: { '/': 'a\nb' } },
    'cacheControl[\'/\']: expected a Cache-Control value, but got "a\\nb".',
  ],
  [
    { cachePaths: '/' },
    'cachePaths: expected an array of paths of pages, which start with `/` and have no query, but got "/".',
  ],
  [
    { excludePaths: ['/a?b'] },
    'excludePaths: expected paths of pages, which start with `/` and have no query, but got "/a?b".',
  ],
  [
    { excludePaths: ['x'] },
    'excludePaths: expected paths of pages, which start with `/` and have no query, but got "x".',
  ],
  [{ cookies: 'never' }, "cookies: expected one of 'bypass', 'ignore', but got \"never\"."],
  [{ ignoreCookies: ['a b'] }, 'ignoreCookies: expected names of cookies, but got "a b".'],
  [
    { hosts: ['http://x'] },
    'hosts: expected host names with an optional port, as `example.org`, but got "http://x".',
  ],
  [{ maxPageSize: 0 }, 'maxPageSize: expected a whole number of bytes from 1 to 1099511627776, but got 0.'],
  [
    { maxPageSize: '1MB' },
    'maxPageSize: expected a whole number of bytes from 1 to 1099511627776, but got "1MB".',
  ],
  [{ maxPending: 1.5 }, 'maxPending: expected a whole number of bytes from 1 to 1099511627776, but got 1.5.'],
  [{ shouldStore: true }, 'shouldStore: expected a function, but got true.'],
  [{ onEvent: {} }, 'onEvent: expected a function, but got {}.'],
  [{ durability: () => 'full' }, "durability: expected one of 'full', 'none', but got a function."],
  [{ compression: 11 }, "compression: expected one of 'fast', 'best', but got 11."],
  [{ fileMode: 0o1000 }, 'fileMode: expected a file mode from 0o000 to 0o777, but got 512.'],
  [{ dirMode: '755' }, 'dirMode: expected a file mode from 0o000 to 0o777, but got "755".'],
  [{ fillTimeout: 0 }, 'fillTimeout: expected a whole number of seconds from 1 to 86400, but got 0.'],
  [{ coalesce: true }, "coalesce: expected one of 'tree', 'process', but got true."],
  [
    { coalesceTimeout: -1 },
    'coalesceTimeout: expected a whole number of milliseconds from 0 to 600000, but got -1.',
  ],
  [{ adopt: 1 }, 'adopt: expected true or false, but got 1.'],
  [{ by: 'hand' }, "by: expected one of 'middleware', 'warm', but got \"hand\"."],
  [{ io: 'sync' }, "io: expected one of 'pool', 'direct', but got \"sync\"."],
  [{ whenFull: 'panic' }, "whenFull: expected one of 'refuse', 'evict', but got \"panic\"."],
];

test.each(mistakes)(
  '%j is refused, and the message says what was expected and what came',
  (options, message) => {
    const resolve = (): unknown =>
      resolveOptions(
        ('cacheDir' in options || Object.keys(options).length === 0
          ? options
          : { cacheDir: './c', ...options }) as CacheOptions,
      );
    expect(resolve).toThrow(PagetreeError);
    expect(resolve).toThrow(message);
  },
);

test('what is no object, an option that is misspelt, a coding that nobody makes, names that would clash', () => {
  expect(() => resolveOptions(null as unknown as CacheOptions)).toThrow(
    'options: expected an object with cacheDir, but got null.',
  );
  expect(() => resolveOptions({ cacheDir: '.', cachePath: [] } as CacheOptions)).toThrow(
    /^cachePath: expected an option that exists \(cacheDir, layout, /,
  );
  expect(() => resolveOptions({ cacheDir: '.', variants: ['deflate'] as never })).toThrow(
    /^variants: expected an array of 'gzip', 'br' and 'zstd', but got "deflate"\.$/,
  );
  expect(() => resolveOptions({ cacheDir: '.', variants: 'gzip' as never })).toThrow(
    /^variants: expected an array of/,
  );
  for (const name of ['', '.page', 'a/b', 'x.gz', 'x.php'])
    expect(() => resolveOptions({ cacheDir: '.', pageFile: name })).toThrow(/^pageFile: expected /);
  expect(() => resolveOptions({ cacheDir: '.', pageFile: '__index.html' })).toThrow(/^pageFile: expected /);
  expect(() => resolveOptions({ cacheDir: '.', maxPageSize: 'x'.repeat(500) as never })).toThrow(
    /x\.\.\.\.$/,
  );
});

test('the hint of a missing cacheDir says what to write', () => {
  try {
    resolveOptions({} as CacheOptions);
  } catch (error) {
    expect((error as PagetreeError).hint).toBe("Say where pages are kept: { cacheDir: './cache' }.");
  }
});

test('the defaults are those that the docs name', () => {
  expect(resolveOptions({ cacheDir: './c' })).toMatchObject({
    tree: {},
    cachePaths: ['/'],
    excludePaths: [],
    cookies: 'bypass',
    hosts: undefined,
    maxPageSize: 16_777_216,
    maxPending: 67_108_864,
    durability: 'full',
    variants: ['gzip', 'br'],
    compression: 'fast',
    fileMode: 0o644,
    dirMode: 0o755,
    fillTimeout: 60,
    coalesce: 'tree',
    coalesceTimeout: 5000,
    by: 'middleware',
    io: 'pool',
  });
  expect(
    resolveOptions({
      cacheDir: './c',
      by: 'warm',
      variants: false,
      hosts: ['a.org:80', '[::1]'],
      coalesce: false,
    }),
  ).toMatchObject({
    compression: 'best',
    variants: [],
    coalesce: false,
  });
  expect(resolveOptions({ cacheDir: './c', variants: ['br', 'br'] }).variants).toEqual(['br']);
});
