import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeOf } from '../../src/key/place.ts';
import { MAX_TARGET_LENGTH, parseTarget } from '../../src/key/target.ts';
import { nginxPath } from './nginx.ts';
import { reasonOf } from './spec.ts';
import { anything, grammar, namingOf, patience, runs } from './targets.ts';

describe('whatever comes', () => {
  test('it is read as the specification reads it, never throws, and the same way twice', {
    timeout: patience,
  }, () => {
    fc.assert(
      fc.property(anything, (text) => {
        const read = parseTarget(text);
        if (read.kind === 'bypass') {
          if (read.reason !== reasonOf(text)) throw new Error(`${read.reason}, not ${reasonOf(text)}`);
        } else {
          if (reasonOf(text) !== undefined) throw new Error(`accepted in spite of ${reasonOf(text)}`);
          if (read.key !== text) throw new Error('the key is not the target');
        }
        if (JSON.stringify(parseTarget(text)) !== JSON.stringify(read)) throw new Error('not deterministic');
      }),
      { numRuns: runs },
    );
  });

  test('an accepted target names the same file in nginx and the same path in a browser', {
    timeout: patience,
  }, () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(grammar, anything), (text) => {
        const read = parseTarget(text);
        if (read.kind === 'bypass') return;
        accepted += 1;
        const decoded = `/${read.segments.join('/')}${read.slash && read.segments.length > 0 ? '/' : ''}`;
        const looked = nginxPath(text);
        if (looked === 'invalid' || !looked.equals(Buffer.from(decoded))) throw new Error(`nginx: ${looked}`);
        const { pathname } = new URL(`http://example.org${text}`);
        if (pathname !== text) throw new Error(`URL: ${pathname}`);
      }),
      { numRuns: runs / 4 },
    );
    expect(accepted).toBeGreaterThan(runs / 20);
  });
});

test('a name beside one that has to be escaped, or is in capitals, is judged as it is alone', () => {
  const naming = namingOf('mirror');
  const names = [
    'a.php',
    'A.PHP',
    'a.gz',
    '__index.html',
    '__INDEX.html',
    '.git',
    'caf%C3%A9.php',
    '%E6%97%A5.br',
    'Con',
    'x',
  ];
  const verdict = (target: string) => {
    const read = parseTarget(target);
    const place = read.kind === 'target' ? placeOf(read, naming) : read;
    return place.kind === 'bypass' ? place.reason : undefined;
  };
  for (const name of names) {
    for (const beside of ['x', 'X', 'caf%C3%A9', 'a%20b']) {
      expect(verdict(`/x/${name}/${beside}`), `${name} beside ${beside}`).toBe(verdict(`/x/${name}`));
    }
  }
});

describe('the model of nginx', () => {
  test.each([
    ['/a/b', '/a/b'],
    ['/a//b', '/a/b'],
    ['/a/./b', '/a/b'],
    ['/a/../b', '/b'],
    ['/a/..', '/'],
    ['/a/.', '/a/'],
    ['/a/%2e%2e/b', '/b'],
    ['/a%2f..%2Fb', '/b'],
    ['/a%2Fb', '/a/b'],
    ['/a%3Fb', '/a?b'],
    ['/a?b', '/a'],
    ['/%2541', '/%41'],
    ['/...', '/...'],
    ['/.a/..b', '/.a/..b'],
  ])('%s is %s', (target, path) => {
    expect(String(nginxPath(target))).toBe(path);
  });

  test.each(['/..', '/../a', '/%00', '/%', '/a b', '/%zz'])('%s is a 400', (target) => {
    expect(nginxPath(target)).toBe('invalid');
  });
});

describe('bounds', () => {
  const long = `/${'a'.repeat(MAX_TARGET_LENGTH)}`;

  test('a target over the limit is not looked at, whatever it holds', () => {
    for (const text of [long, `${long}?`, 'x'.repeat(MAX_TARGET_LENGTH + 1), '%'.repeat(1_000_000)]) {
      expect(parseTarget(text)).toEqual({ kind: 'bypass', reason: 'path-too-long' });
    }
    expect(parseTarget(long.slice(0, -1)).kind).toBe('target');
    expect(parseTarget(`${long.slice(0, -2)}?`)).toEqual({ kind: 'bypass', reason: 'query' });
  });

  test('the worst target of that length takes less than 20 milliseconds', () => {
    const worst = [
      '%2',
      '%25',
      '%C3%A9',
      '%E2%80',
      '/%2e%2',
      '/.',
      '/a',
      '%25%3',
      '%F0%9F%98%80',
      '\\',
      '.%2e',
      '%7',
      '%EF%BF%BC',
    ];
    for (const piece of worst) {
      for (const end of ['', '%', '/..', '%7E', '\0']) {
        const text = `/${piece.repeat(MAX_TARGET_LENGTH)}`.slice(0, MAX_TARGET_LENGTH - end.length) + end;
        const times = Array.from({ length: 3 }, () => {
          const start = performance.now();
          parseTarget(text);
          return performance.now() - start;
        });
        expect(Math.min(...times), piece + end).toBeLessThan(20);
      }
    }
  });
});
