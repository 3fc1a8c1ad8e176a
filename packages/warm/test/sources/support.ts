/** A site on a real socket that answers from a table, and the ways to read sources in a test. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { Pool } from 'undici';
import { splitUrl } from '../../src/plan/origin.ts';
import type { FormatName } from '../../src/sources/detect.ts';
import type { Entry, Notice } from '../../src/sources/entry.ts';
import { type NamedSource, nameSources } from '../../src/sources/name.ts';
import { SourceReader } from '../../src/sources/read.ts';
import type { SourceClient } from '../../src/sources/remote.ts';

type Answer = string | Buffer | ((request: IncomingMessage, response: ServerResponse) => unknown);

export interface TestSite {
  readonly url: string;
  /** What is answered; anything else is 404. */
  readonly pages: Record<string, Answer>;
  /** The targets that were asked for, in their order. */
  readonly asked: string[];
  readonly client: SourceClient & { readonly pool: Pool };
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  xml: 'application/xml',
  txt: 'text/plain',
  css: 'text/css',
  gz: 'application/gzip',
};

export async function startSite(pages: Record<string, Answer> = {}): Promise<TestSite> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    const answer = site.pages[request.url!];
    if (answer === undefined) response.writeHead(404).end('not here');
    else if (typeof answer === 'function') answer(request, response);
    else {
      const type = types[/\.(\w+)$/.exec(request.url!)?.[1] ?? ''] ?? 'text/html; charset=utf-8';
      response.setHeader('content-type', type).end(answer);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pool = new Pool(url, { connections: 4 });
  const site: TestSite = {
    url,
    pages,
    asked,
    client: {
      pool,
      get: async (path, use) => {
        const { statusCode, headers, body } = await pool.request({ method: 'GET', path });
        body.on('error', () => {});
        return use({ status: statusCode, headers, body });
      },
    },
    close: async () => {
      await pool.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
  return site;
}

export interface ReadAll {
  readonly entries: Entry[];
  readonly notices: Notice[];
}

export interface HowToRead {
  readonly site?: TestSite;
  readonly format?: FormatName;
  readonly stdin?: string | Buffer | Readable;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
}

/** Reads everything that the words of a command line stand for. */
export async function readWords(words: readonly string[], how: HowToRead = {}): Promise<ReadAll> {
  return readNamed(
    await nameSources(words, { remote: how.format !== undefined && how.format !== 'auto' }),
    how,
  );
}

export async function readNamed(named: readonly NamedSource[], how: HowToRead = {}): Promise<ReadAll> {
  const { site, format, stdin, signal = new AbortController().signal } = how;
  const notices: Notice[] = [];
  const reader = new SourceReader({
    signal,
    format,
    stdin: stdin === undefined ? undefined : (streamOf(stdin) as NodeJS.ReadStream),
    ...(site === undefined
      ? {}
      : { network: () => ({ origin: splitUrl(site.url)!.origin, client: site.client }) }),
    onNotice: (notice) => notices.push(notice),
  });
  const entries: Entry[] = [];
  for await (const entry of reader.read(named)) entries.push(entry);
  return { entries, notices };
}

/** Reads one text as if it came on standard input. */
export function readText(text: string | Buffer, format?: FormatName): Promise<ReadAll> {
  return readWords(['-'], { stdin: text, ...(format === undefined ? {} : { format }) });
}

export function streamOf(content: string | Buffer | Readable): Readable {
  return content instanceof Readable ? content : Readable.from([Buffer.from(content)]);
}

export const urlset = (...paths: string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${paths.map((path) => `<url><loc>${path}</loc></url>`).join('\n')}\n</urlset>\n`;

export const sitemapIndex = (...urls: string[]): string =>
  `<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${urls.map((url) => `<sitemap><loc>${url}</loc></sitemap>`).join('')}</sitemapindex>`;

export const textsOf = (entries: readonly Entry[]): string[] => entries.map((entry) => entry.text);
