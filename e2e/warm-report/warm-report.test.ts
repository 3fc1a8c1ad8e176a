/** The page that `--report FILE.html` writes, as a browser shows it: of a real run, with hostile lines among its sources. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTab, type Tab } from '../support/chromium.ts';
import { somePaths } from '../support/compat-paths.ts';
import { cacheWarm, type Ended, type Site, startSite } from '../support/processes.ts';

let folder: string;
let site: Site;
let tab: Tab;
let ran: Ended;

/** Each would say `owned` in the title, or ask for something. */
const hostile = [
  `</title><script>document.title='owned'</script>`,
  `/x"onmouseover="document.title='owned'"style="position:fixed;inset:0`,
  `http://127.0.0.1:9/"><img src="http://127.0.0.1:9/beacon" onerror="document.title='owned'">`,
  `</style><style>*{display:none}</style><link rel=stylesheet href=http://127.0.0.1:9/x.css>`,
  `javascript:document.title='owned'`,
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagetree-e2e-'));
  site = await startSite();
  await writeFile(join(folder, 'urls.txt'), [...somePaths, '/no/such/page', ...hostile, ''].join('\n'));
  const reports = ['--report', 'run.html', '--report', 'run.xml', '--report', 'run.json'];
  const tree = ['--cache-dir', 'cache', '--variants', 'none', '--durability', 'none'];
  ran = await cacheWarm(['urls.txt', '--origin', site.origin, ...tree, ...reports, '--quiet'], {
    cwd: folder,
  });
  tab = await openTab();
  await tab.goTo(pathToFileURL(join(folder, 'run.html')).href);
});
afterAll(async () => {
  await tab?.close();
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('the run ends as its reports say', async () => {
  expect(ran.code).toBe(3);
  expect(JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')).notStored).toHaveLength(
    1 + hostile.length,
  );
  expect(await readFile(join(folder, 'run.xml'), 'utf8')).toContain(`tests="${3 + hostile.length}"`);
});

test('the page runs nothing, asks for nothing but itself, and complains of nothing', async () => {
  expect(tab.requests).toEqual([pathToFileURL(join(folder, 'run.html')).href]);
  expect(tab.complaints).toEqual([]);
  expect(await tab.evaluate('document.title')).toBe(`cache-warm: ${site.origin}`);
  expect(await tab.evaluate('document.scripts.length + document.images.length')).toBe(0);
  expect(
    await tab.evaluate('document.querySelectorAll("[onmouseover], [onerror], [style], link").length'),
  ).toBe(0);
});

test('it says what became of the run', async () => {
  const text = await tab.evaluate<string>('document.body.innerText');
  for (const words of [
    site.origin,
    'Done, exit code 3',
    `${1 + hostile.length} of ${somePaths.length + 1 + hostile.length} URLs were not stored`,
    'URLs a second over time',
    'How long responses took',
    'How large pages are',
    'The site by pages',
    'Slowest pages',
    'Largest pages',
    'Statuses',
  ]) {
    expect(text).toContain(words);
  }
});

test('its plots are drawn', async () => {
  const drawn = await tab.evaluate<number[]>(`[...document.querySelectorAll('svg[role=img]')].map((plot) =>
    [...plot.querySelectorAll('rect')].filter((bar) => {
      const { width, height } = bar.getBoundingClientRect();
      return width > 0.2 && height > 0.5;
    }).length)`);
  expect(drawn).toHaveLength(5);
  for (const bars of drawn) expect(bars).toBeGreaterThan(4);
  const map = await tab.evaluate<string>(
    `document.querySelector('svg[aria-label="Sections of the site by pages"]').textContent`,
  );
  for (const section of ['api', 'css', 'html']) expect(map).toContain(section);
});

test.each([360, 768, 1400])('nothing is cut off on a screen of %d pixels', async (width) => {
  await tab.resize(width, 800);
  expect(await tab.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  const least = await tab.evaluate<number>(
    'Math.min(...[...document.querySelectorAll("text, p, td, dd")].map((one) => parseFloat(getComputedStyle(one).fontSize)))',
  );
  expect(least).toBeGreaterThanOrEqual(12);
});

test('it is light or dark as its reader likes, and can be read in both', async () => {
  const grounds: number[] = [];
  for (const scheme of ['light', 'dark'] as const) {
    await tab.prefer(scheme);
    const [ground, text] = await tab.evaluate<
      [number[], number[]]
    >(`['backgroundColor', 'color'].map((name) =>
      getComputedStyle(document.body)[name].match(/\\d+/g).map(Number))`);
    grounds.push(brightness(ground));
    expect(contrast(brightness(ground), brightness(text))).toBeGreaterThan(7);
  }
  expect(grounds[0]).toBeGreaterThan(0.8);
  expect(grounds[1]).toBeLessThan(0.05);
});

/** Relative luminance, WCAG 2.2. */
function brightness([red = 0, green = 0, blue = 0]: readonly number[]): number {
  const linear = (value: number) =>
    value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}
