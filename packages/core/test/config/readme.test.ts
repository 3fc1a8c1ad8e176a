import fs from 'node:fs';
import { expect, test } from 'vitest';
import { optionNames } from '../../src/options.ts';

test('the README has every option once, and what the middleware adds', () => {
  const text = fs.readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
  const [, section = ''] = /\n## Options\n([\s\S]*?)\n## /.exec(text) ?? [];
  const cells = [...section.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell]) => cell!.split(', `'));
  const names = cells.map((cell) => /\w+/.exec(cell)![0]);
  expect(['cacheDir', ...names].toSorted()).toEqual([...Object.keys(optionNames), 'counters'].toSorted());
});
