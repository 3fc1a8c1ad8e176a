/** The compat site as a browser shows it: a site that looks broken proves little about a cache in front of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTab, type Tab } from '../support/chromium.ts';
import { somePaths } from '../support/compat-paths.ts';
import { type Site, startSite } from '../support/processes.ts';

let site: Site;
let tab: Tab;

/** A feature with long names and pages below it, one with many details, and one with an odd name. */
const features = ['/api/AbortController', '/css/properties/grid-template-columns', '/api/Headers/@@iterator'];
const pages = [
  '/',
  '/api/',
  '/css/',
  '/css/properties',
  ...features,
  '/browsers/',
  '/browsers/firefox',
  '/search',
  '/search?q=grid',
  '/search?q=nothing-has-this-name',
  '/search?q=%3Cscript%3Edocument.title%3D%22owned%22%3C%2Fscript%3E',
];

beforeAll(async () => {
  site = await startSite();
  tab = await openTab();
});
afterAll(async () => {
  await tab?.close();
  await site?.stop();
});

const numberOf = (selector: string) =>
  tab.evaluate<number>(`document.querySelectorAll(${JSON.stringify(selector)}).length`);

describe.each([360, 768, 1400])('on a screen of %d pixels', (width) => {
  test.each(pages)('%s is whole, asks nobody else, and complains of nothing', async (path) => {
    await tab.resize(width, 800);
    const before = { requests: tab.requests.length, complaints: tab.complaints.length };
    await tab.goTo(site.origin + path);
    expect(tab.complaints.slice(before.complaints)).toEqual([]);
    const asked = tab.requests.slice(before.requests).filter((url) => !url.startsWith('data:'));
    expect(asked.filter((url) => !url.startsWith(`${site.origin}/`))).toEqual([]);
    expect(asked).toContain(`${site.origin}/style.css`);
    // A table may be wider than the screen, in a box of its own; the page may not.
    expect(await tab.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(await tab.evaluate('getComputedStyle(document.body).margin')).toBe('0px');
    expect(await tab.evaluate('document.title')).toContain('Compat Atlas');
    expect(await tab.evaluate('document.querySelector("h1").getBoundingClientRect().height')).toBeGreaterThan(
      10,
    );
    expect(await numberOf('script:not([type="application/ld+json"])')).toBe(0);
  });
});

test('the index leads to the sections, a section to its features, and a feature is told by browsers', async () => {
  await tab.resize(1400, 800);
  await tab.goTo(`${site.origin}/`);
  for (const section of ['/api/', '/css/', '/html/']) {
    expect(await numberOf(`a[href="${section}"]`), section).toBeGreaterThan(0);
  }
  await tab.goTo(`${site.origin}/api/`);
  expect(await numberOf('a[href="/api/AbortController"]')).toBeGreaterThan(0);
  await tab.goTo(`${site.origin}/api/AbortController`);
  expect(await numberOf('table th')).toBeGreaterThan(5);
  const text = await tab.evaluate<string>('document.body.innerText');
  for (const browser of ['Chrome', 'Firefox', 'Safari']) expect(text).toContain(browser);
});

test('the search finds by its own form, and says so when there is nothing', async () => {
  await tab.goTo(`${site.origin}/`);
  expect(await numberOf('form[action="/search"] input[name="q"]')).toBeGreaterThan(0);
  await tab.goTo(`${site.origin}/search?q=grid%20template`);
  expect(await numberOf('.results a')).toBeGreaterThan(2);
  await tab.goTo(`${site.origin}/search?q=nothing-has-this-name`);
  expect(await tab.evaluate<string>('document.body.innerText')).toContain('Nothing has that name.');
});

test('every kind of page is as wide as a narrow screen', { timeout: 120_000 }, async () => {
  await tab.resize(360, 800);
  const before = tab.complaints.length;
  const wide: string[] = [];
  for (const path of somePaths.filter((one, at) => at % 12 === 0 && !/\.[a-z]+$/.test(one))) {
    await tab.goTo(site.origin + path);
    const width = await tab.evaluate<number>('document.documentElement.scrollWidth');
    if (width > 360) wide.push(`${path}: ${width}`);
  }
  expect(wide).toEqual([]);
  expect(tab.complaints.slice(before)).toEqual([]);
});
