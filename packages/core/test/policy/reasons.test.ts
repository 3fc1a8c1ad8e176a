import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { explain, reasons } from '../../src/policy/reasons.ts';

const packages = new URL('../../../', import.meta.url);

/** All code that may give a reason, as one text. */
const code = ['core', 'middleware', 'warm']
  .flatMap((name) => {
    const src = new URL(`${name}/src/`, packages);
    return readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('policy/reasons.ts'))
      .map((file) => readFileSync(new URL(file, src), 'utf8'));
  })
  .join('\n');

describe('reasons', () => {
  it('each is given somewhere', () => {
    const never = reasons.map(({ name }) => name).filter((name) => !code.includes(`'${name}'`));
    expect(never).toEqual([]);
  });

  it('each has a name of its own and two sentences', () => {
    expect(new Set(reasons.map(({ name }) => name)).size).toBe(reasons.length);
    for (const { name, what, fix } of reasons) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect([what, fix].filter((sentence) => !/\w.*\.$/.test(sentence) || /[\r\n]/.test(sentence))).toEqual(
        [],
      );
    }
  });

  it('each can be explained', () => {
    expect(explain('vary')).toMatchObject({ kind: 'refused', source: 'RFC 9111, 4.1' });
  });
});
