import fc from 'fast-check';
import Negotiator from 'negotiator';
import { describe, expect, it } from 'vitest';
import { accepts, preference } from '../../src/policy/accept.ts';

const chrome =
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7';

describe('Accept', () => {
  it.each([
    [undefined, 'text/html'],
    ['*/*', 'text/html'],
    [chrome, 'text/html'],
    [chrome, 'application/json'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'image/png'],
    ['application/json, text/plain, */*', 'application/json'],
    ['application/json, text/plain, */*', 'text/css'],
    ['application/json, text/plain, */*', 'image/png'],
    ['application/json;q=0.5, */*', 'text/html'],
    ['application/xml, */*', 'text/html'],
    ['image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5', 'image/jpeg'],
    ['image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5', 'text/html'],
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
    ['application/json, text/plain, */*', 'text/html'],
    ['application/json, text/javascript, */*; q=0.01', 'text/html'],
    ['Application/JSON, */*', 'text/html'],
    ['application/json, text/html;q=0.9', 'text/html'],
    ['application/json;v=2, */*', 'text/html'],
    ['application/json, text/html', 'text/html'],
    ['application/json, text/html, */*', 'text/html'],
    ['application/*, */*;q=0.1', 'text/html'],
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
    const type = fc.constantFrom('text/html', 'text/css', 'text/*', '*/*', 'application/pdf');
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

describe('preference', () => {
  const [page, json] = ['text/html', 'application/json'] as const;
  it.each<[accept: string | undefined, difference: number | undefined]>([
    [undefined, 0],
    ['*/*', 0],
    ['text/html, application/json', -0.0001],
    ['application/json, text/html', 0.0001],
    ['application/*, text/*', 0.0001],
    ['application/json, text/html;q=0.4', 0.6],
    ['text/html,*/*;q=0.8', -0.2],
    ['text/*;q=0.3, application/*;q=0.5', 0.2],
    ['application/json', 1],
    ['APPLICATION/JSON ; q=0.5', 0.5],
    ['text/html', -1],
    ['image/png', 0],
    ['application/json;q=0, */*', -1],
    ['application/json;q=0.1, application/json;q=0.9', 0.9],
    ['application/json, */*', 0.0002],
    ['*/*, text/html', -0.0002],
    ['application/*, */*', 0.0001],
    ['application/json, text/*', 0.0001],
    ['application/json;q=0.8, */*;q=0.8', 0.0002],
    ['application/json;q=0, image/png', 0],
    ['application/json;v=2, */*', undefined],
    ['application/json;v="a,b", */*', undefined],
    ['nonsense', undefined],
    ['a/a,'.repeat(600), undefined],
  ])('%s', (accept, difference) => {
    const found = preference(accept, json, page);
    if (difference === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(difference, 6);
  });

  it('knows the other names of a type', () => {
    expect(preference('text/xml', 'application/xml', page)).toBe(1);
    expect(preference('text/xml, */*', 'application/xml', page)).toBeCloseTo(0.0002, 6);
    expect(preference('application/xml, */*', 'application/xml', page)).toBeCloseTo(0.0002, 6);
  });

  it('never calls a type unwanted that is accepted, nor the other way round', () => {
    const range = fc.tuple(
      fc.constantFrom('*/*', 'text/*', 'application/*', page, json, 'image/png'),
      fc.constantFrom('', ';q=0', ';q=0.5', ';q=1'),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(range, { minLength: 1, maxLength: 5, selector: ([name]) => name }),
        (ranges) => {
          const accept = ranges.map((parts) => parts.join('')).join(', ');
          const weight =
            (preference(accept, json, 'x/none') ?? 0) + (preference(accept, 'x/none', 'y/none') ?? 0);
          const others = ranges.find(([name]) => name === '*/*')?.[1] ?? ';q=0';
          const rest = others === '' ? 1 : Number(others.slice(3));
          expect(accepts(accept, json)).toBe(weight + rest > 0);
        },
      ),
    );
  });
});
