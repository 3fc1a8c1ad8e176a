import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWords, sitemapIndex, startSite, type TestSite, textsOf, urlset } from './support.ts';

let site: TestSite;
beforeEach(async () => {
  site = await startSite();
});
afterEach(() => site.close());

const read = (...words: string[]) => readWords(words, { site });

describe('a sitemap with an address', () => {
  it('is fetched and read', async () => {
    site.pages['/sitemap.xml'] = urlset(`${site.url}/a`, `${site.url}/b`);
    expect((await read(`${site.url}/sitemap.xml`)).entries).toEqual([
      { text: `${site.url}/a`, number: 3, source: `${site.url}/sitemap.xml` },
      { text: `${site.url}/b`, number: 4, source: `${site.url}/sitemap.xml` },
    ]);
  });

  it('may be an index, with sitemaps in all formats', async () => {
    site.pages['/index.xml'] = sitemapIndex(
      `${site.url}/1.xml`,
      `${site.url}/2.xml.gz`,
      `${site.url}/3.txt`,
      `${site.url}/deeper.xml`,
    );
    site.pages['/1.xml'] = urlset('/1');
    site.pages['/2.xml.gz'] = gzipSync(urlset('/2'));
    site.pages['/3.txt'] = '/3\n/4\n';
    site.pages['/deeper.xml'] = sitemapIndex(`${site.url}/5.xml`);
    site.pages['/5.xml'] = urlset('/5');
    expect(textsOf((await read(`${site.url}/index.xml`)).entries)).toEqual(['/1', '/2', '/3', '/4', '/5']);
  });

  it('is unpacked however often it was packed on its way', async () => {
    site.pages['/s.xml.gz'] = (_, response) =>
      response.setHeader('content-encoding', 'gzip').end(gzipSync(gzipSync(urlset('/a'))));
    expect(textsOf((await read(`${site.url}/s.xml.gz`)).entries)).toEqual(['/a']);
  });

  it('has entries relative to its address when it is a feed in Atom', async () => {
    site.pages['/blog/feed'] = '<feed><entry><link href="post"/></entry></feed>';
    expect(textsOf((await read(`${site.url}/blog/feed`)).entries)).toEqual([`${site.url}/blog/post`]);
  });

  it('that names itself, or goes in a circle, is read once', async () => {
    site.pages['/a.xml'] = sitemapIndex(`${site.url}/b.xml`, `${site.url}/a.xml`, `${site.url}/b.xml`);
    site.pages['/b.xml'] = sitemapIndex(`${site.url}/a.xml`, `${site.url}/c.xml`);
    site.pages['/c.xml'] = urlset('/c');
    const { entries, notices } = await read(`${site.url}/a.xml`);
    expect(textsOf(entries)).toEqual(['/c']);
    expect(site.asked).toEqual(['/a.xml', '/b.xml', '/c.xml']);
    expect(notices.filter(({ text }) => text.includes('it is read once'))).toHaveLength(3);
  });

  it('that goes ever deeper ends somewhere', async () => {
    const { pages } = site;
    for (let at = 0; at < 50; at += 1) pages[`/${at}.xml`] = sitemapIndex(`${site.url}/${at + 1}.xml`);
    const { entries } = await read(`${site.url}/0.xml`);
    expect(entries).toMatchObject([{ problem: 'stands more than 5 indexes deep', reason: 'bad-source' }]);
    expect(site.asked).toHaveLength(6);
  });

  it('of another site is refused before anybody connects', async () => {
    let connections = 0;
    const other = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    site.pages['/index.xml'] = sitemapIndex(
      `http://127.0.0.1:${port}/s.xml`,
      `${site.url}/away.xml`,
      `http://me:secret@${site.url.slice(7)}/s.xml`,
      'file:///etc/passwd',
      '/relative.xml',
    );
    site.pages['/away.xml'] = (_, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${port}/s.xml` }).end();
    const { entries } = await read(`${site.url}/index.xml`);
    other.close();
    expect(entries.map((entry) => ('problem' in entry ? [entry.reason, entry.problem] : entry))).toEqual([
      ['other-origin', `cannot be read: http://127.0.0.1:${port}, which is not ${site.url}`],
      [
        'other-origin',
        `cannot be read: it is redirected to http://127.0.0.1:${port}, which is not ${site.url}`,
      ],
      ['bad-source', 'cannot be read: a URL with a user name or password in it'],
      ['bad-source', 'cannot be read: file:///etc/passwd is no http or https URL'],
      ['bad-source', 'cannot be read: /relative.xml is no http or https URL'],
    ]);
    expect(connections).toBe(0);
  });

  it('is followed to where it moved, within the site', async () => {
    site.pages['/sitemap.xml'] = (_, response) =>
      response.writeHead(301, { location: '/new/s.xml' }).end('moved');
    site.pages['/new/s.xml'] = urlset('/a');
    expect(textsOf((await read(`${site.url}/sitemap.xml`)).entries)).toEqual(['/a']);
  });

  it.each([
    ['http://[', 'it is redirected to http://[, which is no URL'],
    ['http://a.example:99999/', 'it is redirected to http://a.example:99999/, which is no URL'],
    ['//me:secret@[', 'it is redirected to what is no URL'],
    ['ftp://a.example/', 'it is redirected to ftp://a.example/, which is no http or https URL'],
  ])('that is redirected to %s is one sentence, and takes no other away', async (location, why) => {
    site.pages['/away.xml'] = (_, response) => response.writeHead(302, { location }).end();
    await expect(read(`${site.url}/away.xml`)).rejects.toMatchObject({
      code: 'ERR_PAGETREE_LIST',
      message: expect.stringContaining(`cannot be read: ${why}.`),
    });
    site.pages['/index.xml'] = sitemapIndex(`${site.url}/away.xml`, `${site.url}/1.xml`);
    site.pages['/1.xml'] = urlset('/1');
    const { entries } = await read(`${site.url}/index.xml`);
    expect(entries).toMatchObject([
      { text: `${site.url}/away.xml`, problem: `cannot be read: ${why}`, reason: 'bad-source' },
      { text: '/1' },
    ]);
  });

  it('is not followed for ever', async () => {
    site.pages['/sitemap.xml'] = (_, response) => response.writeHead(302, { location: '/sitemap.xml' }).end();
    await expect(read(`${site.url}/sitemap.xml`)).rejects.toThrow('it is redirected more than 5 times');
    expect(site.asked).toHaveLength(6);
  });

  it.each([
    [
      'is not there',
      (_: unknown, r: import('node:http').ServerResponse) => r.writeHead(404).end(),
      'the site answers 404',
    ],
    ['is an error page', '<!doctype html><title>Sorry</title>', 'it is a page of HTML, not a list'],
    ['is another kind of XML', '<svg/>', 'it is XML with the root element <svg>'],
    [
      'is in another coding',
      (_: unknown, r: import('node:http').ServerResponse) => r.setHeader('content-encoding', 'br').end('x'),
      'the content coding br',
    ],
  ])('that %s is one sentence', async (_, answer, why) => {
    site.pages['/sitemap.xml'] = answer as never;
    await expect(read(`${site.url}/sitemap.xml`)).rejects.toThrow(why);
  });

  it('that breaks off is asked for again', async () => {
    let asked = 0;
    site.pages['/sitemap.xml'] = (_, response) => {
      asked += 1;
      if (asked === 1) response.writeHead(200, { 'content-length': 1000 }).write('<urlset>');
      if (asked === 1) setImmediate(() => response.destroy());
      else response.end(urlset('/a'));
    };
    expect(textsOf((await read(`${site.url}/sitemap.xml`)).entries)).toEqual(['/a']);
    expect(asked).toBe(2);
  });

  it('that is refused for a while is asked for when the site says', async () => {
    let asked = 0;
    site.pages['/sitemap.xml'] = (_, response) => {
      asked += 1;
      if (asked === 1) response.writeHead(503, { 'retry-after': '0' }).end();
      else response.end(urlset('/a'));
    };
    expect(textsOf((await read(`${site.url}/sitemap.xml`)).entries)).toEqual(['/a']);
  });

  it('does not take the others away when it is gone for good', async () => {
    site.pages['/index.xml'] = sitemapIndex(`${site.url}/1.xml`, `${site.url}/gone.xml`, `${site.url}/2.xml`);
    site.pages['/1.xml'] = urlset('/1');
    site.pages['/2.xml'] = urlset('/2');
    const { entries } = await read(`${site.url}/index.xml`);
    expect(entries).toMatchObject([
      { text: '/1' },
      {
        text: `${site.url}/gone.xml`,
        source: `${site.url}/index.xml`,
        problem: 'cannot be read: the site answers 404',
      },
      { text: '/2' },
    ]);
  });

  it('ends quietly when the run is stopped', async () => {
    const controller = new AbortController();
    site.pages['/sitemap.xml'] = (_, response) => {
      response.writeHead(503).end();
      controller.abort();
    };
    const { entries } = await readWords([`${site.url}/sitemap.xml`], { site, signal: controller.signal });
    expect(entries).toEqual([]);
  });
});
