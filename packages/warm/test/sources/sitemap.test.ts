import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { SourceReader } from '../../src/sources/read.ts';
import { readText, sitemapIndex, textsOf, urlset } from './support.ts';

const xml = '<?xml version="1.0" encoding="UTF-8"?>\n';
const inUrlset = (inner: string) => `${xml}<urlset>\n${inner}\n</urlset>`;

describe('a sitemap', () => {
  it('gives its URLs with the time of the last change and the priority', async () => {
    const text = inUrlset(
      [
        '<url><loc> https://a.example/?a=1&amp;b=2 </loc><lastmod>2026-03-01</lastmod><priority>0.8</priority></url>',
        '<url><lastmod>2026-03-01T10:00:00+02:00</lastmod><loc><![CDATA[https://a.example/b&c]]></loc></url>',
        '<url><loc>https://a.example/&#x63;</loc><changefreq>daily</changefreq><priority>9</priority></url>',
        '<url><loc>/d</loc><lastmod>yesterday</lastmod></url>',
      ].join('\n'),
    );
    expect((await readText(text)).entries).toEqual([
      {
        text: 'https://a.example/?a=1&b=2',
        number: 3,
        source: '-',
        lastmod: Date.UTC(2026, 2, 2, 12),
        priority: 0.8,
      },
      { text: 'https://a.example/b&c', number: 4, source: '-', lastmod: Date.UTC(2026, 2, 1, 8, 0, 1) },
      { text: 'https://a.example/c', number: 5, source: '-' },
      { text: '/d', number: 6, source: '-' },
    ]);
  });

  it('is read with any prefix, and images, videos and other languages in it are no pages', async () => {
    const text = `${xml}<s:urlset xmlns:s="x"><s:url><s:loc>/a</s:loc>
      <image:image><image:loc>/a.png</image:loc></image:image>
      <xhtml:link rel="alternate" hreflang="de" href="/de/a"/>
      <video:video><video:title>loc</video:title></video:video></s:url></s:urlset>`;
    expect(textsOf((await readText(text)).entries)).toEqual(['/a']);
  });

  it('does not depend on how its bytes are cut', async () => {
    const bytes = Buffer.from(urlset('/ä', '/b', 'https://a.example/ü?x=1&amp;y=2'));
    const whole = (await readText(bytes)).entries;
    expect(textsOf(whole)).toEqual(['/ä', '/b', 'https://a.example/ü?x=1&y=2']);
    for (const size of [1, 2, 3, 7, 50]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      const reader = new SourceReader({
        signal: new AbortController().signal,
        stdin: Readable.from(chunks) as never,
      });
      const entries = [];
      for await (const entry of reader.read([{ kind: 'stdin', name: '-' }])) entries.push(entry);
      expect(entries).toEqual(whole);
    }
  });

  it('may be in another encoding that it names', async () => {
    const text =
      '<?xml version="1.0" encoding="ISO-8859-1"?><urlset><url><loc>/caf\u00e9</loc></url></urlset>';
    expect(textsOf((await readText(Buffer.from(text, 'latin1'))).entries)).toEqual(['/caf\u00e9']);
  });

  it.each([
    ['<?xml version="1.0" encoding="klingon"?><urlset/>', 'its encoding "klingon" is not known'],
    ['<html5><body/></html5>', 'it is XML with the root element <html5>, neither a sitemap nor a feed'],
    [Buffer.from([...Buffer.from('<urlset><url><loc>/'), 0xff, 0x3c]), 'it is not UTF-8'],
    ['<!-- only a comment -->', 'document must contain a root element'],
    [`<urlset>${'<a>'.repeat(100_000)}`, 'line 1: elements stand more than 64 deep in one another'],
    [`<urlset a="${'x'.repeat(1_000_000)}`, 'line 1: a piece of it is longer than 131072 characters'],
    [`<!--${'x'.repeat(1_000_000)}`, 'line 1: a piece of it is longer than 131072 characters'],
    [
      `<!DOCTYPE urlset [${'<!ENTITY a "b">'.repeat(100_000)}]>`,
      'a piece of it is longer than 131072 characters',
    ],
    [`<${'x'.repeat(1_000_000)}`, 'line 1: a piece of it is longer than 131072 characters'],
  ])('is refused: %.30s', async (text, why) => {
    await expect(readText(text, 'sitemap')).rejects.toThrow(why);
  });

  it('that holds a bomb of entities expands none of them', async () => {
    const bomb = `<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
<urlset><url><loc>https://a.example/&c;</loc></url><url><loc>/b</loc></url></urlset>`;
    const { entries } = await readText(bomb);
    expect(entries).toEqual([
      expect.objectContaining({ number: 2, problem: 'undefined entity' }),
      { text: '/b', number: 2, source: '-' },
    ]);
    expect(entries[0]!.text).not.toContain('lol');
  });

  it('that names files of this machine as entities reads none', async () => {
    const text = `<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/hostname">]><urlset><url><loc>/&x;</loc></url></urlset>`;
    expect((await readText(text)).entries).toMatchObject([{ problem: 'undefined entity', text: '/&x;' }]);
  });

  it('names each URL that is wrong, and keeps the others', async () => {
    const text = inUrlset(
      [
        '<url><loc>/ok</loc></url>',
        '<url><loc>https://a.example/?a=1&b=2</loc></url>',
        '<url><lastmod>2026-01-01</lastmod></url>',
        '<url><loc></loc></url>',
        `<url><loc>/${'x'.repeat(9000)}</loc></url>`,
        '<url><loc>/a\u009bb</loc></url>',
        '<url><loc>/&#27;[2J</loc></url>',
        '<url><loc>/next</loc></url>',
      ].join('\n'),
    );
    const { entries } = await readText(text);
    expect(entries.map((entry) => ('problem' in entry ? [entry.number, entry.problem] : entry.text))).toEqual(
      [
        '/ok',
        [4, 'has a & that is not written as &amp;'],
        [5, 'names no URL'],
        [6, 'names no URL'],
        [7, 'longer than 8192 bytes'],
        [8, 'has a control character'],
        [9, 'malformed character entity'],
        '/next',
      ],
    );
  });

  it('that ends early keeps what it had and says so', async () => {
    const { entries } = await readText(
      inUrlset('<url><loc>/a</loc></url><url><loc>/b').replace(/\n<\/urlset>$/, ''),
    );
    expect(entries[0]).toMatchObject({ text: '/a' });
    expect(entries.slice(1)).toMatchObject([
      { text: '-', number: 3, problem: 'unclosed tag: loc', reason: 'bad-source' },
    ]);
  });

  it('that ends early is a source that cannot be read, wherever it was cut', async () => {
    const whole = inUrlset('<url><loc>/a?b=1&amp;c</loc></url>\n<url><loc>/b</loc><x y="z"/></url>');
    for (let end = whole.indexOf('<url>'); end < whole.length; end += 1) {
      const { entries } = await readText(whole.slice(0, end), 'sitemap');
      const wrong = entries.filter((entry) => 'problem' in entry);
      expect(
        wrong.map(({ reason }) => reason),
        whole.slice(0, end),
      ).toContain('bad-source');
    }
    expect(textsOf((await readText(whole)).entries)).toEqual(['/a?b=1&c', '/b']);
  });

  it('with nothing but mistakes is given up', async () => {
    const { entries } = await readText(`<urlset>${'<a b></c>&;'.repeat(10_000)}`);
    expect(entries.length).toBeLessThan(110);
    expect(entries.at(-1)).toMatchObject({
      problem: expect.stringContaining('it has 100 mistakes up to there'),
    });
  });

  it('over the limits of the protocol is read to its end, with one word about it', async () => {
    const text = urlset(...Array.from({ length: 50_001 }, (_, at) => `/${at}`));
    const { entries, notices } = await readText(text);
    expect(entries).toHaveLength(50_001);
    expect(notices).toEqual([{ source: '-', text: expect.stringContaining('more than the 50,000 URLs') }]);
  });

  it('of a million URLs takes no more memory than one of ten thousand', async () => {
    const peakOf = async (urls: number) => {
      async function* bytes() {
        yield Buffer.from('<urlset>');
        for (let at = 0; at < urls; at += 1000) {
          const part = Array.from(
            { length: 1000 },
            (_, page) => `<url><loc>https://a.example/${at + page}</loc></url>`,
          );
          yield Buffer.from(part.join('\n'));
        }
        yield Buffer.from('</urlset>');
      }
      const reader = new SourceReader({
        signal: new AbortController().signal,
        stdin: Readable.from(bytes()) as never,
      });
      let count = 0;
      let most = 0;
      for await (const _ of reader.read([{ kind: 'stdin', name: '-' }])) {
        count += 1;
        if (count % 10_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed);
      }
      expect(count).toBe(urls);
      return most;
    };
    const small = await peakOf(10_000);
    // The heap grows until the collector comes by; a million URLs as text would take 200 MB.
    expect(await peakOf(300_000)).toBeLessThan(small + (80 << 20));
  }, 60_000);

  it('index that cannot be followed here says so for each sitemap', async () => {
    const { entries } = await readText(sitemapIndex('https://a.example/s.xml', 'nonsense'));
    expect(entries).toMatchObject([
      { problem: expect.stringContaining('it would have to be fetched'), reason: 'bad-source' },
      { problem: expect.stringContaining('is no http or https URL'), reason: 'bad-source' },
    ]);
  });

  it('index with a sitemap that has no address is not read as a whole', async () => {
    const text = '<sitemapindex><sitemap><loc></loc></sitemap></sitemapindex>';
    expect((await readText(text)).entries).toMatchObject([{ problem: 'names no URL', reason: 'bad-source' }]);
  });
});

describe('a feed', () => {
  it('in RSS gives the pages of its items, not its own', async () => {
    const text = `${xml}<rss version="2.0"><channel><title>t</title><link>https://a.example/</link>
<item><title>1</title><link>https://a.example/1</link><pubDate>Sun, 01 Mar 2026 08:00:00 GMT</pubDate></item>
<item><guid isPermaLink="true">https://a.example/2</guid></item>
<item><guid isPermaLink="false">urn:3</guid></item>
<item><link>https://a.example/4</link><guid>https://a.example/?p=4</guid></item>
<image><link>https://a.example/image</link></image></channel></rss>`;
    expect((await readText(text)).entries).toEqual([
      { text: 'https://a.example/1', number: 3, source: '-', lastmod: Date.UTC(2026, 2, 1, 8, 0, 1) },
      { text: 'https://a.example/2', number: 4, source: '-' },
      { text: '', number: 5, source: '-', problem: 'names no URL' },
      { text: 'https://a.example/4', number: 6, source: '-' },
    ]);
  });

  it('in RSS 1.0 does as well', async () => {
    const text = `<rdf:RDF xmlns:rdf="r" xmlns="s"><channel><link>/</link></channel><item><link>/1</link><dc:date>2026-03-01</dc:date></item></rdf:RDF>`;
    expect((await readText(text)).entries).toEqual([
      { text: '/1', number: 1, source: '-', lastmod: Date.UTC(2026, 2, 2, 12) },
    ]);
  });

  it('in Atom gives the page of each entry', async () => {
    const text = `${xml}<feed xmlns="http://www.w3.org/2005/Atom"><link href="https://a.example/"/><link rel="self" href="/feed"/>
<entry><link rel="edit" href="/edit/1"/><link href="https://a.example/1"/><updated>2026-03-01T08:00:00Z</updated><published>2020-01-01T00:00:00Z</published></entry>
<entry><link rel="alternate" type="text/html" href="/2"/></entry>
<entry><link rel="enclosure" href="/3.mp3"/></entry></feed>`;
    expect((await readText(text)).entries).toEqual([
      { text: 'https://a.example/1', number: 3, source: '-', lastmod: Date.UTC(2026, 2, 1, 8, 0, 1) },
      { text: '/2', number: 4, source: '-' },
      { text: '', number: 5, source: '-', problem: 'names no URL' },
    ]);
  });

  it('in Atom may say what addresses are relative to', async () => {
    const text = `${xml}<feed xml:base="https://a.example/blog/"><entry><link href="1"/></entry>
<entry xml:base="old/"><link href="2"/></entry><entry><link xml:base="/new/" href="3"/></entry>
<entry xml:base="http://["><link href="4"/></entry></feed>`;
    expect(textsOf((await readText(text)).entries)).toEqual(
      ['blog/1', 'blog/old/2', 'new/3', 'blog/4'].map((path) => `https://a.example/${path}`),
    );
  });
});
