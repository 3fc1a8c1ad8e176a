import fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, test } from 'vitest';
import { PagetreeError } from '../../src/errors.ts';
import { compileGlob, isBelow, staticPrefixOfGlob } from '../../src/key/scope.ts';
import { spell } from '../../src/key/spelling.ts';

describe('what a glob covers', () => {
  test.each([
    ['/blog', ['/blog'], ['/blog/', '/blog/a', '/Blog']],
    [
      '/blog/*',
      ['/blog/a', '/blog/.well-known', '/blog/caf%C3%A9'],
      ['/blog', '/blog/', '/blog/a/', '/blog/a/b'],
    ],
    ['/blog/*/', ['/blog/a/'], ['/blog/', '/blog/a', '/blog/a/b/']],
    ['/blog/**', ['/blog/', '/blog/a', '/blog/a/', '/blog/a/b'], ['/blog', '/blogger']],
    ['/blog{,/**}', ['/blog', '/blog/', '/blog/a/b'], ['/blogger']],
    ['/**', ['/', '/a', '/a/b/'], []],
    ['**', ['/', '/a', '/a/b/'], []],
    ['**/*.css', ['/a.css', '/a/b.css'], ['/a.css/', '/acss']],
    ['/**/x', ['/x', '/a/x', '/a/b/x'], ['/x/', '/ax', '/a/bx']],
    ['/a/**/x', ['/a/x', '/a/b/x', '/a/b/c/x'], ['/ax', '/a/bx', '/a/x/']],
    ['/**/', ['/', '/a/', '/a/b/'], ['/a', '/a/b']],
    ['/a**b', ['/ab', '/a/b', '/axx/yb'], ['/a', '/b']],
    ['/a***', ['/a', '/a/b'], ['/b']],
    ['/a*', ['/a', '/ab'], ['/a/', '/b', '/']],
    ['/*a', ['/a', '/ba'], ['/ab', '/b/a']],
    ['/a?c', ['/abc', '/a%C3%A9c', '/a%F0%9F%98%80c', '/a%20c'], ['/ac', '/a/c', '/abbc']],
    ['/[ab]', ['/a', '/b'], ['/c', '/', '/ab']],
    ['/[a-c]x', ['/ax', '/bx', '/cx'], ['/dx', '/-x']],
    ['/[!a]', ['/b', '/%C3%A9'], ['/a', '/', '//']],
    ['/[^a-c]', ['/d'], ['/b']],
    ['/[a-]', ['/a', '/-'], ['/b']],
    ['/[]a]', ['/%5D', '/a'], ['/b']],
    ['/a[/]b', [], ['/a/b']],
    ['/a[.-0]b', ['/a.b', '/a0b'], ['/a/b']],
    ['/a[b', ['/a%5Bb'], ['/ab']],
    ['/a]b', ['/a%5Db'], []],
    ['/{a,b}', ['/a', '/b'], ['/c', '/a,b']],
    ['/{a,b/c}/d', ['/a/d', '/b/c/d'], ['/b/d']],
    ['/{a,b{c,d}}', ['/a', '/bc', '/bd'], ['/b', '/b%7Bc']],
    ['/x{,y}', ['/x', '/xy'], ['/xz']],
    ['{/a,/b/**}', ['/a', '/b/', '/b/c'], ['/b']],
    ['/{a}', ['/%7Ba%7D'], ['/a']],
    ['/{a}{b,c}', ['/%7Ba%7Db', '/%7Ba%7Dc'], ['/ab']],
    ['/{a,b', ['/%7Ba,b'], ['/a']],
    ['/{a,\\}}', ['/a', '/%7D'], []],
    ['/\\{a,b}', ['/%7Ba,b%7D'], ['/a']],
    ['/\\*', ['/*'], ['/a']],
    ['/\\[a]', ['/%5Ba%5D'], ['/a']],
    ['/a\\', [], ['/a']],
    ['/\\%C3%A9', [], ['/%C3%A9']],
    ['/foo(1)', ['/foo(1)'], ['/foo1']],
    ['/a+', ['/a+'], ['/aa']],
    ['/!(a)', ['/!(a)'], ['/b']],
    ['/@(a)', ['/@(a)'], ['/a']],
    ['/a.c', ['/a.c'], ['/abc']],
    ['/^a$', ['/%5Ea$'], ['/a']],
    ['/café/*', ['/caf%C3%A9/a'], []],
    ['/caf%c3%a9/*', ['/caf%C3%A9/a'], []],
    ['/[é-ü]', ['/%C3%A9', '/%C3%AF'], ['/e']],
    ['/%2A', ['/*'], ['/a']],
    ['/[%5D]', ['/%5D'], ['/a']],
    ['/100%*', ['/100%25', '/100%25%20x'], ['/100']],
    ['/a b', ['/a%20b'], []],
  ])('%s', (glob, covered, others) => {
    const matches = compileGlob(glob);
    const prefix = staticPrefixOfGlob(glob);
    for (const key of covered) {
      expect(matches(key), key).toBe(true);
      expect(isBelow(key, prefix), `${key} below ${prefix}`).toBe(true);
    }
    for (const key of others) expect(matches(key), key).toBe(false);
  });

  test('what is not a key is never covered', () => {
    for (const text of ['', 'a', '/%', '/%FF']) expect(compileGlob('/**')(text), text).toBe(false);
  });

  test.each([
    ['', 'starts with /'],
    ['*.css', 'starts with /'],
    ['blog/**', 'starts with /'],
    ['{/a,b}', 'starts with /'],
    ['/a%2fb/*', 'without an escaped slash'],
    [`/${'a'.repeat(1024)}`, 'at most 1024 characters'],
    ['/{a,b}'.repeat(15), 'fewer alternatives'],
    [`/${'{a,b}'.repeat(11)}`, 'fewer alternatives'],
    [`/${'{a,b}'.repeat(200)}`, 'fewer alternatives'],
  ])('%s is refused', (glob, message) => {
    for (const call of [compileGlob, staticPrefixOfGlob]) {
      expect(() => call(glob)).toThrowError(
        expect.objectContaining({ code: 'ERR_PAGETREE_PATH', message: expect.stringContaining(message) }),
      );
    }
  });
});

describe('the folder that a purge walks', () => {
  test.each([
    ['/blog/**', '/blog/'],
    ['/blog/2024-*', '/blog/'],
    ['/blog', '/'],
    ['/blog/', '/blog/'],
    ['/blog/a', '/blog/'],
    ['/**', '/'],
    ['**/a', '/'],
    ['/a/b/*/c', '/a/b/'],
    ['/{a,b}/c', '/'],
    ['/x/{a/b,a/c}/*', '/x/a/'],
    ['/x/y/{a,b}', '/x/y/'],
    ['/blog{,/**}', '/'],
    ['/{blog,blog/**}', '/'],
    ['/café/*', '/caf%C3%A9/'],
    ['/caf%c3%a9/*', '/caf%C3%A9/'],
    ['/a b/\\*/x', '/a%20b/*/'],
    ['/../../etc/*', '/'],
    ['/a/../b/*', '/a/'],
    ['/a//b/*', '/a/'],
    ['/a/\ud800/*', '/a/'],
  ])('%s: %s', (glob, prefix) => {
    expect(staticPrefixOfGlob(glob)).toBe(prefix);
    expect(spell(prefix)).toBe(prefix);
  });
});

/** The same meaning, written as a regular expression: exponential, but small globs do not show it. */
function oracle(glob: string): RegExp {
  const brace = /\{([^{}]*)\}/.exec(glob);
  if (brace !== null) {
    const options = brace[1]!.split(',').map((option) => oracle(glob.replace(brace[0], option)).source);
    return new RegExp(options.join('|'), 's');
  }
  const source = glob
    .replace(/\*\*+/g, '**')
    .replace(/\/\*\*(?=\/)/g, '/FOLDERS')
    .replace(/FOLDERS\//g, 'FOLDERS')
    .replace(/\*\*/g, 'TREE')
    .replace(/(?<=^|\/|FOLDERS)\*(?=\/|$)/g, 'NAME')
    .replace(/\./g, '\\.')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]')
    .replace(/FOLDERS/g, '(?:.*/)?')
    .replace(/TREE/g, '.*')
    .replace(/NAME/g, '[^/]+')
    .replace(/\[!/g, '[^/');
  return new RegExp(`^${source}$`, 's');
}

const key = fc
  .string({ unit: fc.constantFrom('a', 'b', '/', 'a', '.'), maxLength: 7 })
  .map((text) => `/${text}`);

describe('other readings of the same rules', () => {
  test('a regular expression', () => {
    const unit = fc.constantFrom(
      'a',
      'b',
      '/',
      '*',
      '**',
      '?',
      '.',
      '{a,b}',
      '{a,/b}',
      '[ab]',
      '[!a/]',
      '/**/',
      '/*/',
    );
    let covered = 0;
    fc.assert(
      fc.property(
        fc.array(unit, { maxLength: 7 }),
        fc.array(key, { minLength: 10, maxLength: 10 }),
        (units, keys) => {
          const glob = `/${units.join('')}`;
          const [matches, expected] = [compileGlob(glob), oracle(glob)];
          const prefix = staticPrefixOfGlob(glob);
          for (const text of keys) {
            // The prefix is cut where no key can go on; the regular expression does not know of that.
            const wanted = expected.test(text);
            if (matches(text) !== wanted) throw new Error(`${glob} ${text}: expected ${wanted}`);
            if (!wanted) continue;
            covered += 1;
            if (!isBelow(text, prefix)) throw new Error(`${text} is not below ${prefix}`);
          }
        },
      ),
      { numRuns: 20_000 },
    );
    expect(covered).toBeGreaterThan(2000);
  });

  test('picomatch, where it has the same rules', () => {
    const piece = fc.constantFrom(
      'a',
      'ab',
      '*',
      '?',
      'a*',
      '*b',
      '[ab]',
      '[^a]',
      '{a,b}',
      '{a,b*}',
      'a.b',
      '**',
    );
    const options = { dot: true, nonegate: true, noextglob: true, strictSlashes: true };
    const name = fc.constantFrom('a', 'b', 'ab', 'ba', 'a.b', 'c', '.a', 'abb');
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 4 }),
        fc.array(name, { maxLength: 4 }),
        (pieces, names) => {
          // A `**` at the end covers the folder itself in picomatch, and here it does not.
          if (pieces.at(-1) === '**') pieces.push('a');
          const [glob, text] = [`/x/${pieces.join('/')}`, `/x/${names.join('/')}`];
          expect(compileGlob(glob)(text), `${glob} ${text}`).toBe(picomatch(glob, options)(text));
        },
      ),
      { numRuns: 10_000 },
    );
  });
});

test('whatever glob: it is refused with an error that says why, or it covers what is below its prefix', () => {
  const unit = fc.constantFrom(
    'a',
    '/',
    '*',
    '?',
    '{',
    '}',
    ',',
    '[',
    ']',
    '!',
    '-',
    '\\',
    '%',
    '%C3',
    '%A9',
    '%41',
    'é',
    '\ud83d',
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 12 }), fc.array(key, { minLength: 3 }), (text, keys) => {
      const glob = `/${text}`;
      try {
        const [matches, prefix] = [compileGlob(glob), staticPrefixOfGlob(glob)];
        expect(spell(prefix)).toBe(prefix);
        for (const each of keys) if (matches(each)) expect(isBelow(each, prefix)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(PagetreeError);
      }
    }),
    { numRuns: 20_000 },
  );
});

describe('the time a match takes', () => {
  const long = 'a'.repeat(246);
  const deep = '/a'.repeat(1000);
  const hard: [glob: string, text: string][] = [
    // picomatch takes 20 seconds for this one.
    ['/*a*a*a*a*b', `/${long}`],
    [`/${'*a'.repeat(500)}b`, `/${long}`],
    [`/${'**a'.repeat(300)}b`, deep],
    [`${'/**/a'.repeat(200)}/b`, deep],
    [`/${'?*'.repeat(500)}b`, `/${long}`],
    [`/${'[!b]*'.repeat(200)}b`, `/${long}`],
    [`/${'{a,b}'.repeat(7)}*b`, `/${long}`],
    [`/${'{,*a}'.repeat(7)}b`, `/${long}`],
    [`/${'{'.repeat(1000)}`, deep],
    [`/${'['.repeat(1000)}`, deep],
    [`/${'{a,'.repeat(300)}`, deep],
    [`/${'{a,'.repeat(100)}${'}'.repeat(100)}*b`, deep],
  ];
  test.each(hard.map(([glob, text]) => [glob.slice(0, 16), glob, text]))('%s', (_, glob, text) => {
    const before = process.cpuUsage();
    compileGlob(glob)(text);
    // Processor time: others may keep the machine busy.
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(500);
  });
});
