/** What the front-end configurations know of the rules is what core knows: the lists are the same, and no pattern says yes where core says no. */
import { parseTarget, placeOf } from '@pagetree/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layouts } from '../../../core/src/key/layouts/all.ts';
import { accepts } from '../../../core/src/policy/accept.ts';
import { compileCookieRule, ignorableCookies } from '../../../core/src/policy/cookies.ts';
import { compileRequestPolicy } from '../../../core/src/policy/decide.ts';
import {
  credentialHeaders,
  forwardedHostHeaders,
  forwardedSchemeHeaders,
  routingHeaderPrefixes,
  routingHeaders,
} from '../../../core/src/policy/routing-headers.ts';
import { manifestFrom } from '../../../core/src/store/manifest.ts';
import { ignorableCookieLine } from '../../src/front-end/cookies.ts';
import {
  acceptsEverything,
  families,
  harmlessConnection,
  passingHeaders,
  sensibleHost,
} from '../../src/front-end/headers.ts';
import { acceptedTarget, refusedTarget } from '../../src/front-end/spelling.ts';

const policy = compileRequestPolicy();
const judge = (headers: Record<string, string>) =>
  policy({ method: 'GET', target: '/', headers: { host: 'site.test', ...headers } }, '/', 'text/html');

describe('headers', () => {
  test('each header that goes to the application is one with which core bypasses', () => {
    const special: Record<string, string> = { 'pagetree-token': '', forwarded: 'host=evil.test' };
    for (const name of passingHeaders) {
      if (name === 'pagetree-token') continue;
      expect(judge({ [name]: special[name] ?? 'evil.test' }), name).not.toBeUndefined();
    }
  });

  test('each header with which core bypasses is among them, and a member of each family', () => {
    const written = new Set(['x-forwarded-host', 'x-forwarded-proto']);
    const known = [
      ...routingHeaders,
      ...credentialHeaders,
      ...forwardedHostHeaders,
      ...forwardedSchemeHeaders,
    ];
    for (const name of known) if (!written.has(name)) expect(passingHeaders).toContain(name);
    for (const prefix of routingHeaderPrefixes)
      expect(
        families.some((name) => name.startsWith(prefix)),
        prefix,
      ).toBe(true);
  });

  const accept = new RegExp(acceptsEverything, 'i');
  test.each([
    ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8', true],
    [
      'text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
      true,
    ],
    ['*/*', true],
    ['*/*;q=0.1', true],
    ['image/avif,image/webp,*/*', true],
    ['*/*;q=0', false],
    ['text/html;q=0,*/*', false],
    ['text/html', false],
    ['application/xml, text/plain, */*', true],
    ['application/json, text/plain, */*', false],
    ['Application/JSON, */*', false],
    ['image/jpeg, image/jxl, a/j, */*', true],
    ['*/*;q=0.000', false],
    ['*/*;q=2', false],
    ['nonsense,*/*', false],
  ])('Accept: %s', (field, is) => {
    expect(accept.test(field)).toBe(is);
  });

  test('what accepts everything, accepts every type in core too', () => {
    const piece = fc.constantFrom(
      '*/*',
      'text/html',
      'a/b',
      'application/json',
      'image/jpeg',
      ';q=0',
      ';q=0.5',
      ';q=1',
      ';Q=0.0',
      ',',
      ', ',
      ';v=b3',
      ' ',
      ';q=',
      'x',
    );
    const line = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(line, (field) => {
        if (!accept.test(field)) return;
        for (const type of ['text/html', 'image/png', 'a/b']) expect(accepts(field, type), field).toBe(true);
      }),
      { numRuns: 20_000, seed: 7 },
    );
  });

  test('what is harmless in Connection and Host, is harmless in core', () => {
    const pieces = fc.constantFrom('close', 'keep-alive', 'Upgrade', 'te', 'x-user', ',', ', ', ' ', '\t,');
    const connection = new RegExp(harmlessConnection, 'i');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 6 }), (parts) => {
        const field = parts.join('');
        if (connection.test(field)) expect(judge({ connection: field }), field).toBeUndefined();
      }),
      { numRuns: 5000, seed: 7 },
    );
    const host = new RegExp(sensibleHost, 'i');
    for (const name of ['a.test', 'a.test:80', '[::1]:8080', 'a b', 'a/b', 'a.test:', '', '-a', 'a"b']) {
      expect(host.test(name), name).toBe(judge({ host: name }) === undefined && name !== '');
    }
  });
});

test.each([';', ','] as const)(
  'a Cookie field that matches holds nothing but cookies that core ignores, and each of those matches (joined by %s)',
  (joined) => {
    const names = ['mine', 'pre_*'];
    const inCore = compileCookieRule('bypass', names);
    const matches = new RegExp(ignorableCookieLine(names, 're2', joined));
    for (const name of [...ignorableCookies, ...names]) {
      expect(matches.test(`${name.replace('*', 'x1')}=v; _ga=GA1.2.3`), name).toBe(true);
    }
    const piece = fc.constantFrom(
      '_ga',
      '_ga_X',
      'session',
      'mine',
      'pre_a',
      '=',
      '==',
      ';',
      '; ',
      ';  ',
      ' ',
      'v',
      ',',
      ', ',
      '',
      '\t',
      '"',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
        const field = pieces.join('');
        expect(matches.test(field) && !inCore(field), field).toBe(false);
        // Behind a comma may be the next field, so there no value has one.
        const mayMatch = inCore(field) && (joined === ';' || !field.includes(','));
        if (field !== '') expect(matches.test(field), field).toBe(mayMatch);
      }),
      { numRuns: 30_000, seed: 7 },
    );
  },
);

describe('targets', () => {
  const accepted = new RegExp(`^${acceptedTarget('re2')}$`);
  const naming = (layout: 'mirror' | 'html' | 'index', trailingSlash: 'always' | 'never' = 'always') => {
    const manifest = manifestFrom({ layout, trailingSlash });
    const refused = new RegExp(refusedTarget(manifest), 'i');
    const { directoryIndex, pageFile } = manifest;
    const coreNaming = {
      layout: layouts[layout],
      directoryIndex,
      pageFile,
      trailingSlash,
      maxPath: 4000,
      windows: false,
    };
    const inCore = (target: string): boolean => {
      const parsed = parseTarget(target);
      return parsed.kind === 'target' && placeOf(parsed, coreNaming).kind === 'place';
    };
    return { mayLookUp: (target: string) => accepted.test(target) && !refused.test(target), inCore };
  };

  test('no character is accepted that core does not accept in every position of a name', () => {
    const { mayLookUp, inCore } = naming('mirror');
    let letters = 0;
    for (let code = 0x80; code < 0x4_0000; code += 1) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const escaped = encodeURIComponent(String.fromCodePoint(code));
      if (!accepted.test(`/${escaped}`)) continue;
      letters += 1;
      // A name that a file system folds into one of a program, of the tree or of nothing would be refused in core.
      for (const target of [
        `/${escaped}`,
        `/a.p${escaped}hp`,
        `/${escaped}.env`,
        `/a.php${escaped}`,
        `/a.gz${escaped}`,
      ]) {
        if (mayLookUp(target) && !inCore(target)) expect(target, `U+${code.toString(16)}`).toBe('');
      }
    }
    expect(letters).toBeGreaterThan(80_000);
  }, 60_000);

  test.each([
    ['mirror', 'always'],
    ['html', 'always'],
    ['index', 'always'],
    ['index', 'never'],
  ] as const)(
    'what may be looked up in %s (%s) has a place in core, or the layout gives it none',
    (layout, slash) => {
      const { mayLookUp, inCore } = naming(layout, slash);
      const piece = fc.constantFrom(
        ...[
          '/',
          '//',
          '.',
          '..',
          'a',
          'A',
          'index',
          '__index.html',
          '__page.html',
          'html',
          '.html',
          '.HTML',
          '.php',
          '.PHP',
        ],
        ...[
          '%20',
          '%2F',
          '%5C',
          '%25',
          '%2541',
          '41',
          '%C3%A9',
          '%c3%a9',
          '%C3',
          '%00',
          '.gz',
          '.br',
          '.well-known',
          '%E2%80%8B',
        ],
        ...[
          ';',
          ':',
          '~1',
          'CACHEDIR.TAG',
          '.pagetree',
          '%7E',
          '"',
          '?',
          '#',
          '%FF',
          '%ED%A0%80',
          '%3F',
          'x'.repeat(120),
          '%EF%BC%8E',
        ],
      );
      let looked = 0;
      fc.assert(
        fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
          const target = `/${pieces.join('')}`;
          if (!mayLookUp(target)) return;
          looked += 1;
          const parsed = parseTarget(target);
          expect(parsed.kind, target).toBe('target');
          // The forms of the layout index are told apart by the lookups.
          if (layout !== 'index') expect(inCore(target), target).toBe(true);
        }),
        { numRuns: 30_000, seed: 11 },
      );
      expect(looked).toBeGreaterThan(1000);
    },
  );
});
