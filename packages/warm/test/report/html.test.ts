import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from 'htmlparser2';
import { describe, expect, it } from 'vitest';
import { html } from '../../src/report/html/markup.ts';
import { ticks } from '../../src/report/html/plot.ts';
import { HtmlFile } from '../../src/report/html-file.ts';
import type { UrlResult } from '../../src/results.ts';
import { newFolder } from '../support/folders.ts';
import { failed, hostile, nasty, origin, stored, summaryOf } from './support.ts';

const good = { exitCode: 0, missed: [] };

function pageOf(results: readonly UrlResult[], ending: Parameters<HtmlFile['finish']>[1] = good): string {
  const folder = newFolder();
  const file = join(folder, 'run.html');
  const report = new HtmlFile(file);
  for (const result of results) report.result(result);
  report.finish(summaryOf(results), ending);
  expect(readdirSync(folder)).toEqual(['run.html']);
  return readFileSync(file, 'utf8');
}

/** Every element, with its attributes. */
function elements(page: string) {
  const found: { name: string; attributes: Record<string, string> }[] = [];
  const parser = new Parser({ onopentag: (name, attributes) => found.push({ name, attributes }) });
  parser.end(page);
  return found;
}

describe('the page', () => {
  it('shows the run', () => {
    const results = [...Array.from({ length: 200 }, (_, at) => stored(at + 1)), failed(7), failed(8)];
    const page = pageOf(results, { exitCode: 3, missed: ['2 of 202 URLs were not stored.'] });
    for (const text of [
      'Done, exit code 3',
      '2 of 202 URLs were not stored.',
      'URLs a second over time',
      'How long responses took',
      '50% within',
      'How large pages are',
      'The site by pages',
      'The site by bytes',
      '<b>2</b> timeout: The response was not complete in time.',
      'not complete within 1 s (3 tries)',
      `<a href="${origin}/docs/7" rel="noreferrer noopener">/docs/7</a>`,
      'Slowest pages',
      '/srv/&lt;cache&gt;',
    ]) {
      expect(page).toContain(text);
    }
  });

  it('marks how much of a section is not there, in a map that says nothing half', () => {
    const at = (path: string, result: UrlResult): UrlResult => ({ ...result, url: `${origin}/${path}` });
    const some = Array.from({ length: 400 }, (_, page) =>
      at(`a/long-name-of-a-section/${page}`, page < 10 ? failed(page) : stored(page)),
    );
    const many = Array.from({ length: 300 }, (_, page) =>
      at(`b/bad/${page}`, page < 200 ? failed(page) : stored(page)),
    );
    const thin = Array.from({ length: 40 }, (_, page) =>
      at(`thin-as-a-thread-${page % 20}/x/${page}`, stored(page)),
    );
    const page = pageOf([...some, ...many, ...thin]);
    const found = elements(page).filter(({ name }) => name === 'rect' || name === 'text');
    const [strip] = found.filter(({ attributes }) => attributes.class === 'missing');
    expect(strip?.attributes.width).toBe('4%');
    expect(found.some(({ attributes }) => attributes.class === 'cell many')).toBe(true);
    const [map] = /<svg [^>]*Sections of the site by pages.*?<\/section>/s.exec(page)!;
    expect(map).toContain('>long-name-of-a-section<');
    expect(map).toContain('class="cell-text roomy"');
    expect(map).not.toContain('>thin-as-a-thread-0<');
  });

  it('says the parts of its texts that are code as code', () => {
    const page = pageOf([{ ...failed(1), outcome: 'refused', reason: 'redirect' }]);
    expect(page).toContain('<code>--follow</code>');
    expect(page).not.toContain('`');
  });

  it('is whole without any result', () => {
    expect(pageOf([])).toContain('Every one of 0 URLs is in the tree.');
  });

  it('lets nothing from outside become markup', () => {
    const page = pageOf([
      ...nasty.map(hostile),
      ...nasty.map((text, at) => ({ ...stored(at + 1), url: `${origin}/${text}`, detail: text })),
      ...nasty.map((text, at) => ({
        ...failed(at),
        url: text,
        detail: text,
        reason: 'fetch-error' as const,
      })),
    ]);
    const found = elements(page);
    const names = new Set(found.map(({ name }) => name));
    for (const name of ['script', 'img', 'b<', 'iframe', 'object', 'link', 'form']) {
      expect(names).not.toContain(name);
    }
    const attributes = new Set(found.flatMap(({ attributes: one }) => Object.keys(one)));
    expect(
      [...attributes].filter((name) => name.startsWith('on') || name === 'src' || name === 'style'),
    ).toEqual([]);
    for (const { attributes: one } of found) {
      if (one.href !== undefined) expect(one.href.startsWith(`${origin}/`)).toBe(true);
    }
    expect(page).not.toMatch(/[\p{Cs}\u202e\ufeff]/u);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(page).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  });

  it('asks for nothing', () => {
    const page = pageOf([stored(1), failed(2)]);
    const policy = elements(page).find(({ attributes }) => attributes['http-equiv'] !== undefined)!;
    expect(policy.attributes.content).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; /);
    expect(page).not.toMatch(/@import|url\(/);
  });

  it('is small for a hundred thousand pages', () => {
    const many = Array.from({ length: 100_000 }, (_, at): UrlResult => {
      const url = `${origin}/${at % 2000}/${at}/${'long'.repeat(100)}`;
      return at % 3 === 0 ? { ...failed(at), url } : { ...stored(at), url };
    });
    expect(pageOf(many).length).toBeLessThan(500_000);
  });
});

describe('markup', () => {
  it('escapes what is in it', () => {
    const inner = html`<i>${'<&>"\''}</i>`;
    expect(html`<b title="${'"'}">${inner}${undefined}${[inner]}${1}</b>`.text).toBe(
      '<b title="&quot;"><i>&lt;&amp;&gt;&quot;&#39;</i><i>&lt;&amp;&gt;&quot;&#39;</i>1</b>',
    );
  });
});

describe('the lines of a plot', () => {
  it.each([
    [730, [500]],
    [600, [200, 400, 600]],
    [3, [1, 2, 3]],
    [0.07, [0.05]],
    [0, []],
  ])('up to %d are at round heights', (highest, expected) => {
    expect(ticks(highest).map((value) => Number(value.toFixed(6)))).toEqual(expected);
  });
});
