import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { splitUrl } from '../../src/plan/origin.ts';
import type { Step } from '../../src/plan/plan.ts';
import type { Notice } from '../../src/sources/entry.ts';
import { type OpenOptions, openSources } from '../../src/sources/open.ts';
import { newFolder } from '../support/folders.ts';
import { sitemapIndex, startSite, streamOf, type TestSite, urlset } from './support.ts';

let site: TestSite;
let cwd: string;
beforeEach(async () => {
  site = await startSite();
  cwd = newFolder();
});
afterEach(() => site.close());

interface Opened {
  readonly origin: string;
  readonly steps: Step[];
  readonly notices: Notice[];
  readonly duplicates: number;
  readonly elsewhere: number;
  readonly connected: string[];
}

async function open(lists: readonly string[], more: Partial<OpenOptions> = {}): Promise<Opened> {
  const notices: Notice[] = [];
  const connected: string[] = [];
  const sources = await openSources({
    lists,
    signal: new AbortController().signal,
    connect: (origin) => {
      connected.push(origin.href);
      return site.client;
    },
    onNotice: (notice) => notices.push(notice),
    ...more,
  });
  const steps: Step[] = [];
  for await (const step of sources.steps()) steps.push(step);
  const { duplicates, elsewhere } = sources.plan;
  return { origin: sources.origin.href, steps, notices, duplicates, elsewhere, connected };
}

const targets = ({ steps }: Opened) =>
  steps.map((step) => (step.kind === 'fetch' ? step.target : step.result.reason));
const given = () => ({ origin: splitUrl(site.url)!.origin });
const list = (name: string, text: string) => {
  const file = join(cwd, name);
  writeFileSync(file, text);
  return file;
};

describe('all sources of a run', () => {
  it('are read in their order, mixed, and duplicates go once', async () => {
    site.pages['/sitemap.xml'] = urlset(`${site.url}/a`, `${site.url}/b`);
    const opened = await open(
      ['/path', list('1.txt', '/a\n/c\n'), `${site.url}/sitemap.xml`, '-', `${site.url}/page`],
      {
        stdin: streamOf('{"url":"/d","tags":["t"],"priority":2}\n"/a"\n') as never,
        urls: ['/c', '/e'],
        ...given(),
      },
    );
    expect(targets(opened)).toEqual(['/path', '/a', '/c', '/b', '/d', '/page', '/e']);
    expect(opened.duplicates).toBe(3);
    expect(opened.steps[4]).toMatchObject({ tags: ['t'], priority: 2, source: '-', line: 1 });
    expect(opened.connected).toEqual([site.url]);
  });

  it('connect to nothing when nothing must be fetched', async () => {
    const opened = await open([list('urls.txt', `${site.url}/a\n/b\nhttp://other.example/\n`)]);
    expect(opened.origin).toBe(site.url);
    expect(targets(opened)).toEqual(['/a', '/b', 'other-origin']);
    expect(opened.connected).toEqual([]);
  });

  it.each([
    ['the address of a sitemap', () => [`${site.url}/sitemap.xml`]],
    ['a later word', () => [list('paths.txt', '/a\n'), `${site.url}/sitemap.xml`]],
    [
      'the first sitemap of an index that is a file',
      () => [list('index.xml', sitemapIndex(`${site.url}/sitemap.xml`))],
    ],
  ])('learn the site from %s', async (_, words) => {
    site.pages['/sitemap.xml'] = urlset(`/a`);
    const opened = await open(words());
    expect(opened.origin).toBe(site.url);
    expect(targets(opened)).toEqual(['/a']);
  });

  it.each([
    ['--crawl', { crawl: true }],
    ['--robots', { robots: true }],
  ])('ask which site it is when only %s is said', async (_, options) => {
    await expect(open([], options)).rejects.toThrow('Nothing says which site it is.');
  });

  it('take absolute URLs of the name in --host for the site itself', async () => {
    site.pages['/sitemap.xml'] = urlset(
      'https://www.example.org/a',
      'http://WWW.example.org/b',
      'https://example.org/c',
    );
    const opened = await open([`${site.url}/sitemap.xml`], { host: 'www.example.org' });
    expect(targets(opened)).toEqual(['/a', '/b', 'other-origin']);
    expect(opened.steps[0]).toMatchObject({ url: `${site.url}/a` });
  });

  it('fetch a sitemap whose public name is in --host from the origin', async () => {
    site.pages['/robots.txt'] = 'Sitemap: https://www.example.org/s.xml';
    site.pages['/s.xml'] = urlset('https://www.example.org/a');
    expect(targets(await open([], { ...given(), robots: true, host: 'www.example.org' }))).toEqual(['/a']);
  });

  it('with --format take each URL for a source', async () => {
    site.pages['/pages'] = urlset('/a');
    expect(targets(await open([`${site.url}/pages`], { format: 'sitemap' }))).toEqual(['/a']);
  });

  it('with --crawl but without a warmer, as in a dry run, end with what they name', async () => {
    const opened = await open(['/a'], { ...given(), crawl: true });
    expect(targets(opened)).toEqual(['/a']);
    expect(opened.notices).toEqual([
      { source: '--crawl', text: 'no page is fetched, so no link is followed' },
    ]);
  });

  it('that have no URL are an error', async () => {
    site.pages['/sitemap.xml'] = urlset();
    await expect(open([`${site.url}/sitemap.xml`])).rejects.toThrow('is empty: it has no URL.');
  });
});

describe('--robots', () => {
  it('reads the sitemaps that robots.txt names', async () => {
    site.pages['/robots.txt'] =
      `User-agent: *\nDisallow: /\nSitemap: ${site.url}/1.xml\nsitemap: ${site.url}/gone.xml\nSitemap: http://other.example/s.xml\n`;
    site.pages['/1.xml'] = urlset('/a');
    const opened = await open([], { ...given(), robots: true });
    expect(targets(opened)).toEqual(['/a', 'bad-source', 'other-origin']);
    expect(opened.steps[1]).toMatchObject({
      result: { url: `${site.url}/gone.xml`, outcome: 'failed', source: `${site.url}/robots.txt`, line: 4 },
    });
  });

  it('tries /sitemap.xml when it names none, and says so', async () => {
    site.pages['/sitemap.xml'] = urlset('/a');
    const opened = await open([], { ...given(), robots: true });
    expect(targets(opened)).toEqual(['/a']);
    expect(opened.notices).toEqual([
      { source: `${site.url}/robots.txt`, text: 'names no sitemap; /sitemap.xml is tried' },
    ]);
  });

  it('is an error when there is no sitemap at all', async () => {
    await expect(open([], { ...given(), robots: true })).rejects.toThrow(
      `The list ${site.url}/sitemap.xml cannot be read: the site answers 404.`,
    );
  });
});

describe('--shard', () => {
  it('takes each URL in exactly one part, the same in each run', async () => {
    const file = list('urls.txt', Array.from({ length: 1000 }, (_, at) => `/page/${at}`).join('\n'));
    const parts = await Promise.all(
      ['1/3', '2/3', '3/3'].map((shard) => open([file], { ...given(), shard })),
    );
    const all = parts.flatMap(targets);
    expect(all).toHaveLength(1000);
    expect(new Set(all).size).toBe(1000);
    for (const part of parts) {
      expect(part.steps.length).toBeGreaterThan(250);
      expect(part.steps.length + part.elsewhere).toBe(1000);
    }
    expect(targets(await open([file], { ...given(), shard: '2/3' }))).toEqual(targets(parts[1]!));
  });

  it('may have no URL of a list', async () => {
    const file = list('urls.txt', '/a\n');
    const parts = await Promise.all(['1/2', '2/2'].map((shard) => open([file], { ...given(), shard })));
    expect(parts.flatMap(({ notices }) => notices)).toEqual([
      { source: '--shard', text: 'no URL belongs to this part' },
    ]);
  });
});

describe('--max-pages', () => {
  it('takes so many pages and no more, and says that there are more', async () => {
    const file = list('urls.txt', '/a\n/a\n/b\n/c\n/d\n');
    const opened = await open([file], { ...given(), maxPages: 2 });
    expect(targets(opened)).toEqual(['/a', '/b']);
    expect(opened.notices).toEqual([
      { source: '--max-pages', text: 'there are more pages than that; the rest is left out' },
    ]);
  });

  it('says nothing when there are not more', async () => {
    const opened = await open([list('urls.txt', '/a\n/b\n/a\n')], { ...given(), maxPages: 2 });
    expect(targets(opened)).toEqual(['/a', '/b']);
    expect(opened.notices).toEqual([]);
  });

  it('does not read on in a list without an end', async () => {
    async function* endless() {
      for (let at = 0; ; at += 1) yield `/${at}`;
    }
    expect(targets(await open([], { ...given(), urls: endless(), maxPages: 3 }))).toEqual(['/0', '/1', '/2']);
  });
});

describe('an option of sources that is wrong', () => {
  it.each([
    [
      { format: 'csv' as never },
      'format must be one of auto, text, ndjson, json, sitemap, feed, log, robots; it is "csv".',
    ],
    [{ shard: '0/4' }, 'shard must be the number of this part and of all parts (2/4); it is "0/4".'],
    [{ shard: '5/4' }, 'shard must be the number'],
    [{ shard: '' }, 'it is empty'],
    [{ maxPages: 0 }, 'maxPages must be a whole number from 1'],
    [{ crawl: true, depth: -1 }, 'depth must be a whole number from 0 to 1000'],
    [{ depth: 3 }, 'depth must be given together with crawl'],
    [{ assets: false }, 'assets must be given together with crawl'],
    [{ crawl: true, shard: '1/2' }, 'shard must be left out with crawl'],
    [{ crawl: true, include: ['blog'] }, 'include must be a path as in robots.txt'],
    [{ crawl: true, exclude: ['/a\nAllow: /'] }, 'exclude must be a path as in robots.txt'],
    [{ crawl: true, exclude: ['/{a,b}'] }, 'exclude must be a path as in robots.txt'],
  ])('is one sentence: %j', async (options, message) => {
    await expect(open(['/a'], { ...given(), ...options })).rejects.toThrow(message);
  });
});
