import { expect, test } from 'vitest';
import { remember } from '../../src/policy/remember.ts';

function counted() {
  const asked: string[] = [];
  const ask = remember((text) => {
    asked.push(text);
    return text.length > 3 ? null : text === 'yes';
  });
  return { asked, ask };
}

test('a text is judged once, whatever the answer', () => {
  const { asked, ask } = counted();
  for (const [text, answer] of [
    ['yes', true],
    ['no', false],
    ['perhaps', null],
  ] as const) {
    expect(ask(text)).toBe(answer);
    expect(ask(text)).toBe(answer);
  }
  expect(asked).toEqual(['yes', 'no', 'perhaps']);
});

test('no more than 256 answers are kept, and none to a text over 512 characters', () => {
  const { asked, ask } = counted();
  const long = 'x'.repeat(513);
  ask(long);
  ask(long);
  expect(asked).toEqual([long, long]);
  for (let at = 0; at < 256; at += 1) ask(`text ${at}`);
  asked.length = 0;
  ask('text 0');
  expect(asked).toEqual([]);
  ask('one more');
  ask('text 0');
  expect(asked).toEqual(['one more', 'text 0']);
});
