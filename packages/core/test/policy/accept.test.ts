import fc from 'fast-check';
import Negotiator from 'negotiator';
import { describe, expect, it } from 'vitest';
import { accepts } from '../../src/policy/accept.ts';

const chrome =
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7';

describe('Accept', () => {
  it.each([
    [undefined, 'text/html'],
    ['*/*', 'text/html'],
    [chrome, 'text/html'],
    [chrome, 'application/json'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'image/png'],
    ['application/json, text/plain, */*', 'text/html'],
    ['text/html', 'text/html'],
    ['TEXT/HTML', 'text/html'],
    ['text/*', 'text/html'],
    ['text/*;q=0.1', 'text/html'],
    ['text/css,*/*;q=0.1', 'text/css'],
    ['application/javascript', 'text/javascript'],
    ['text/xml', 'application/xml'],
    ['image/x-icon', 'image/vnd.microsoft.icon'],
    ['text/html;q=0, */*', 'text/css'],
    ['text/html;q=0.000, text/html;level=1, text/css', 'text/css'],
    ['text/plain;x=", */*,", text/html', 'text/html'],
    ['text/html;q', 'text/html'],
  ])('%j takes %s', (field, type) => {
    expect(accepts(field, type)).toBe(true);
  });

  it.each([
    ['application/json', 'text/html'],
    ['text/event-stream', 'text/html'],
    ['text/x-component', 'text/html'],
    ['text/html;q=0, */*', 'text/html'],
    ['text/html;q=0.0,*/*;q=0.5', 'text/html'],
    ['text/html; q=0', 'text/html'],
    ['*/*;q=0', 'text/html'],
    ['text/html;level=1', 'text/html'],
    ['text/html5', 'text/html'],
    ['image/*', 'text/html'],
    ['text/plain;x=", */*,"', 'text/html'],
  ])('%j does not take %s', (field, type) => {
    expect(accepts(field, type)).toBe(false);
  });

  it.each([
    '',
    'text/html,',
    'text',
    '*',
    'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2',
    'text/html;q=1.5',
    'text/html;q=-1',
    'text/html;q=0.1234, */*',
    'text/html;q=x',
    'text/html; charset="',
    'text/html */*',
    '*/*\r\n',
    `*/*${',*/*'.repeat(1000)}`,
  ])('%j does not follow the grammar, or is too long, and takes nothing', (field) => {
    expect(accepts(field, 'text/html')).toBe(false);
  });

  it('the short way says what negotiator says', () => {
    const type = fc.constantFrom('text/html', 'text/css', 'text/*', '*/*', 'application/json');
    const weight = fc.constantFrom('', ';q=0', ';q=0.5', ';q=1', ' ; q=0.0', ';level=1', ';level=1;q=0.2');
    fc.assert(
      fc.property(fc.array(fc.tuple(type, weight), { minLength: 1, maxLength: 5 }), (parts) => {
        const accept = parts.map(([range, q]) => range + q).join(', ');
        const expected = new Negotiator({ headers: { accept } }).mediaTypes(['text/html']).length > 0;
        expect(accepts(accept, 'text/html')).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});
