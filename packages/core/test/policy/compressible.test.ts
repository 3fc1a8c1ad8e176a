import { expect, test } from 'vitest';
import { isCompressible } from '../../src/policy/compressible.ts';

test.each([
  ['text/html', true],
  ['application/json', true],
  ['image/svg+xml', true],
  ['application/wasm', true],
  ['font/ttf', true],
  ['image/png', false],
  ['font/woff2', false],
  ['application/octet-stream', false],
])('variants of %s are worth their room: %s', (type, expected) => {
  expect(isCompressible(type)).toBe(expected);
});
