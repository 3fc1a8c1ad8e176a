import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { JunitFile } from '../../src/report/junit-file.ts';
import type { Ending } from '../../src/report/outputs.ts';
import type { UrlResult } from '../../src/results.ts';
import { newFolder } from '../support/folders.ts';
import { failed, hostile, nasty, stored, summaryOf } from './support.ts';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly inside: Element[];
  text: string;
}

/** Reads the file as strictly as XML is. */
function read(results: readonly UrlResult[], ending: Ending): Element {
  const file = join(newFolder(), 'run.xml');
  const report = new JunitFile(file);
  for (const result of results) report.result(result);
  report.finish(summaryOf(results), ending);
  const open: Element[] = [{ name: '', attributes: {}, inside: [], text: '' }];
  const parser = new SaxesParser({ xmlns: false });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, attributes: attributes as Record<string, string>, inside: [], text: '' };
    open.at(-1)!.inside.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    open.at(-1)!.text += text;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(readFileSync(file, 'utf8')).close();
  return open[0]!.inside[0]!;
}

/** What the usual schema demands: these elements, in one another, and numbers that are true. */
function check(root: Element): Element[] {
  expect(root.name).toBe('testsuites');
  const [suite, ...others] = root.inside;
  expect([suite!.name, others]).toEqual(['testsuite', []]);
  const words = { failures: 'failure', errors: 'error', skipped: 'skipped' };
  for (const [attribute, word] of Object.entries(words)) {
    const there = suite!.inside.filter(({ inside }) => inside.some(({ name }) => name === word));
    expect(Number(suite!.attributes[attribute])).toBe(there.length);
  }
  expect(Number(suite!.attributes.tests)).toBe(suite!.inside.length);
  expect(suite!.attributes.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  for (const { name, attributes, inside } of suite!.inside) {
    expect(name).toBe('testcase');
    expect(Object.keys(attributes)).toEqual(['classname', 'name', 'time']);
    expect(inside.length).toBeLessThanOrEqual(1);
    for (const one of inside) expect(one.attributes.message).not.toBe('');
  }
  return suite!.inside;
}

describe('the JUnit file', () => {
  it('has a case for the run, one for what is there, and one for each page that is not', () => {
    const refused: UrlResult = { ...failed(9), outcome: 'refused', reason: 'status', status: 404 };
    const cases = check(
      read([stored(1), stored(2), failed(3), refused], { exitCode: 3, missed: ['2 URLs were not stored.'] }),
    );
    expect(cases.map(({ attributes, inside }) => [attributes.name, inside[0]?.name])).toEqual([
      ['the run', 'failure'],
      ['2 pages in the tree, 2 of them new', undefined],
      ['http://127.0.0.1:3000/docs/3', 'error'],
      ['http://127.0.0.1:3000/docs/9', 'failure'],
    ]);
    expect(cases[2]!.inside[0]!.text).toBe(
      'The response was not complete in time. Raise `--timeout`, `--connect-timeout` or `--first-byte-timeout`, or lower `--concurrency` if the application is overloaded.\n' +
        'not complete within 1 s\n3 tries\nurls.txt, line 3',
    );
  });

  it('has no failure when the run was good enough', () => {
    const cases = check(read([stored(1), failed(3)], { exitCode: 0, missed: [] }));
    expect(cases.map(({ inside }) => inside[0]?.name)).toEqual([undefined, undefined, 'skipped']);
  });

  it('is XML whatever came from outside', () => {
    const cases = check(read(nasty.map(hostile), { exitCode: 3, missed: nasty }));
    expect(cases).toHaveLength(1 + nasty.length);
    expect(cases[1]!.attributes.name).toBe(nasty[0]);
  });

  it('counts the pages beyond ten thousand', () => {
    const many = Array.from({ length: 12_345 }, (_, at) => failed(at + 1));
    const cases = check(read(many, { exitCode: 3, missed: [] }));
    expect(cases).toHaveLength(10_002);
    expect(cases.at(-1)!.attributes.name).toBe('and 2,345 pages more');
  });
});
