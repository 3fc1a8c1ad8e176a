import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { executableExtensions, isExecutable } from '../../src/key/executable.ts';
import { fold } from '../../src/key/fold.ts';
import { faultOfNames } from '../../src/key/names.ts';
import { faultOfNaming } from '../../src/key/naming.ts';
import { namingOf } from './targets.ts';

const naming = namingOf('mirror');

describe('executable names', () => {
  test.each(executableExtensions)('.%s, in any case and wherever it stands', (extension) => {
    for (const name of [
      `a.${extension}`,
      `A.${extension.toUpperCase()}`,
      `a.${extension}.html`,
      `a.b.${extension};c`,
    ]) {
      expect(faultOfNames(['x', name, 'y'], naming), name).toBe('executable-name');
    }
    for (const name of [
      extension,
      `a.${extension}x0`,
      `a.x${extension}`,
      `a-${extension}`,
      `${extension}.x0`,
    ]) {
      expect(isExecutable(name), name).toBe(false);
    }
  });

  test('the list is in lower case and has nothing twice', () => {
    expect(new Set(executableExtensions).size).toBe(executableExtensions.length);
    for (const extension of executableExtensions) expect(extension).toMatch(/^[a-z0-9]+$/);
  });
});

describe('folding', () => {
  test.each([
    ['Index.HTML', 'index.html'],
    ['CAFÉ', 'cafe\u0301'],
    ['\u212Aey', 'key'],
    ['\u017Ftm', 'stm'],
    ['straße', 'STRASSE'],
    ['ﬁle', 'file'],
    ['．git', '.git'],
    ['a\u200D.\u00ADg\uFE0Fz', 'a.gz'],
  ])('%s and %s may be one file', (one, other) => {
    expect(fold(one)).toBe(fold(other));
  });

  test('what takes the short way is what the long way makes of it', () => {
    const byTheBook = (name: string): string => {
      const visible = name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
      return visible.toUpperCase().toLowerCase().normalize('NFKC');
    };
    const wrong: string[] = [];
    for (let code = 0; code <= 0xffff; code += 1) {
      const char = String.fromCharCode(code);
      for (const name of [char, `a${char}a`]) if (fold(name) !== byTheBook(name)) wrong.push(name);
    }
    expect(wrong).toEqual([]);
    const units = [
      'a',
      'A',
      '.',
      'é',
      'É',
      'ß',
      'й',
      'и',
      '\u0306',
      'か',
      '\u3099',
      'カ',
      'ー',
      '日',
      '각',
      '가',
      '\u11A8',
      'σ',
      'Σ',
      '\u200D',
    ];
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...units), maxLength: 6 }),
        (name) => fold(name) === byTheBook(name),
      ),
    );
  });

  test('it is idempotent, and names apart by a letter stay apart', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 8 }), (name) => fold(fold(name)) === fold(name)),
    );
    expect(fold('foo')).not.toBe(fold('fop'));
  });
});

describe('directoryIndex and pageFile', () => {
  const fault = (directoryIndex: string, pageFile = '__page.html') =>
    faultOfNaming({ directoryIndex, pageFile });

  test.each(['__index.html', 'index.html', 'index', 'default.htm', 'Übersicht.html', 'a b'])(
    '%s can be used',
    (name) => {
      expect(fault(name)).toBeUndefined();
      expect(fault('__index.htm', name)).toBeUndefined();
    },
  );

  test.each([
    ['', 'a plain file name'],
    ['a/b', 'a plain file name'],
    ['..', 'a plain file name'],
    ['a\\b', 'a plain file name'],
    ['a\n', 'a plain file name'],
    ['\ud800', 'a plain file name'],
    ['.index.html', 'does not start with a dot'],
    ['.well-known', 'does not start with a dot'],
    ['index.html.gz', 'does not use itself'],
    ['x.pagetree', 'does not use itself'],
    ['CacheDir.Tag', 'does not use itself'],
    ['index.php', 'executes'],
    ['con.html', 'every system'],
    ['index.', 'every system'],
    ['x'.repeat(247), 'a shorter name'],
  ])('%j: expected %s', (name, expected) => {
    expect(fault(name)).toMatch(/^directoryIndex: expected /);
    expect(fault(name)).toContain(expected);
    expect(fault(name)).toContain(JSON.stringify(name));
    expect(fault('__index.html', name)).toMatch(/^pageFile: expected /);
  });

  test('they may not be one name, also where case does not count', () => {
    expect(fault('a.html', 'A.html')).toBe(
      'pageFile: expected another name than directoryIndex, but both are "A.html".',
    );
  });
});
