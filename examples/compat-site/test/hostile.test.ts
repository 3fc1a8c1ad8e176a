import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeSegment, pathOf } from '../address.js';
import { indexCompat } from '../data.js';
import { htmlPaths, jsonPaths } from '../paths.js';
import { createSite } from '../site.js';
import { plain, rich } from '../views/rich.js';
import { serve } from './running.ts';

const EVIL = `"'><script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:alert(3)">x</a><code>`;

function feature(description = EVIL) {
  return {
    __compat: {
      description,
      mdn_url: 'javascript:alert(4)',
      spec_url: EVIL,
      source_file: EVIL,
      tags: [EVIL],
      status: { deprecated: true, experimental: true, standard_track: false },
      support: {
        odd: [
          { version_added: EVIL, notes: [EVIL, EVIL], prefix: EVIL, impl_url: EVIL },
          { version_added: '1', flags: [{ type: 'preference', name: EVIL, value_to_set: EVIL }] },
        ],
      },
    },
  };
}

const BROWSERS = {
  odd: {
    name: EVIL,
    type: 'desktop',
    pref_url: EVIL,
    preview_name: EVIL,
    accepts_flags: true,
    accepts_webextensions: false,
    releases: { [EVIL]: { index: 0, status: 'current', release_notes: 'javascript:alert(5)', engine: EVIL } },
  },
};

const KEYS = [
  '__proto__',
  'constructor',
  EVIL,
  'a b',
  'é',
  '%41',
  '100%',
  '.hidden',
  'x.gz',
  '@@it:er,at;or',
  '?#',
];

// Parsed, as the real data is: in JSON `__proto__` is a key like any other.
const raw = (section: object) =>
  JSON.parse(JSON.stringify({ __meta: { version: '1' }, browsers: BROWSERS, section }));
const members = `{${KEYS.map((key) => `${JSON.stringify(key)}:${JSON.stringify(feature())}`).join()}}`;
const odd = indexCompat({ ...raw({}), section: JSON.parse(members) });

let site: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  site = await serve(createSite({ compat: odd }));
});
afterAll(() => site.close());

test('no text of the data becomes markup', async () => {
  const paths = [...htmlPaths(odd), '/search?q=script'];
  expect(paths.length).toBe(3 + 1 + KEYS.length + 1);
  for (const path of paths) {
    const response = await site.get(path);
    const body = await response.text();
    expect([path, response.status]).toEqual([path, 200]);
    expect(body).not.toMatch(/href="\s*javascript:/i);
    // Inside its quotes an attribute is text.
    expect(body.replace(/="[^"]*"/g, '=""')).not.toMatch(/<(?:script|img)|<[^>]*\son\w+\s*=/i);
    expect(body).toContain('</main>');
  }
});

test('odd keys have pages and JSON at the address they are linked with', async () => {
  const paths = [...jsonPaths(odd)];
  expect(paths).toContain('/section/%3F%23.json');
  expect(paths).toContain('/section/__proto__.json');
  for (const path of paths) {
    const response = await site.get(path);
    expect([path, response.status]).toEqual([path, 200]);
    expect((await response.json()).mdn_url).toBe('javascript:alert(4)');
  }
});

test.each([
  ['a URL of two pages', { 'x.json': feature(), x: feature() }, /share/],
  ['a URL that clients rewrite', { '..': feature() }, /can't be part of a URL/],
  ['a URL with nothing in it', { '': feature() }, /can't be part of a URL/],
])('%s is an error when the data is indexed', (_, section, message) => {
  expect(() => indexCompat(raw(section))).toThrow(message);
});

test('a segment is spelt in the canonical form', () => {
  expect(encodeSegment("-._~!$&'()*+,;=:@")).toBe("-._~!$&'()*+,;=:@");
  expect(encodeSegment('a/b?c#d%é "<>[]\\^`{|}')).toBe(
    'a%2Fb%3Fc%23d%25%C3%A9%20%22%3C%3E%5B%5D%5C%5E%60%7B%7C%7D',
  );
  expect(pathOf({ keys: ['api'] })).toBe('/api/');
  expect(pathOf({ keys: ['api', 'Headers', '@@iterator'] })).toBe('/api/Headers/@@iterator');
});

test.each([
  ['<code>abort()</code> event', '<code>abort()</code> event', 'abort() event'],
  ['a < b & c', 'a &lt; b &amp; c', 'a < b & c'],
  ['&lt;all_urls&gt;', '&lt;all_urls&gt;', '<all_urls>'],
  ['&amp;lt;', '&amp;lt;', '&lt;'],
  ['<b onclick=x>', '&lt;b onclick=x&gt;', '<b onclick=x>'],
  ['<code onclick=x>y</code>', '<code>y</code>', 'y'],
  ['<code>open', '<code>open</code>', 'open'],
  ['stray</code></div>', 'stray&lt;/div&gt;', 'stray</div>'],
  ['<em><code>x</em></code>', '<em><code>x</code></em>', 'x'],
  [
    "<a href='https://e.org/?a=1&amp;b=2'>t</a>",
    '<a href="https://e.org/?a=1&amp;b=2" rel="noreferrer">t</a>',
    't',
  ],
  ['<a href="https://e.org/" onclick=x>t</a>', '<a href="https://e.org/" rel="noreferrer">t</a>', 't'],
  ['<a href="javascript:x">t</a>', '<span>t</span>', 't'],
  [
    '<a href="https://a.org/">x<a href="https://b.org/">y</a></a>',
    '<a href="https://a.org/" rel="noreferrer">x<span>y</span></a>',
    'xy',
  ],
])('%s as markup and as text', (text, markup, bare) => {
  expect(`${rich(text)}`).toBe(markup);
  expect(plain(text)).toBe(bare);
});
