import { WarmError } from '../errors.ts';
import { excerpt, printable } from '../report/printable.ts';
import type { Entry, Found, NestedSource } from './entry.ts';
import { latestTime } from './latest-time.ts';
import { judgeText } from './lines.ts';
import { type XmlListener, XmlReader } from './xml.ts';

type Kind = 'sitemap' | 'index' | 'feed';

/** What is collected of one `<url>`, `<sitemap>`, `<item>` or `<entry>`. */
interface Draft {
  number: number;
  loc: string;
  lastmod: number | undefined;
  priority: number | undefined;
  problem: string | undefined;
  /** What addresses in it are relative to. */
  readonly base: string | undefined;
}

const kinds: Readonly<Record<string, Kind>> = {
  urlset: 'sitemap',
  sitemapindex: 'index',
  rss: 'feed',
  RDF: 'feed',
  feed: 'feed',
};

/** The elements that stand for one URL. */
const items = new Set(['urlset/url', 'sitemapindex/sitemap', 'rss/channel/item', 'RDF/item', 'feed/entry']);

/** Makes entries of the elements of a sitemap or feed. What it found is taken away by `take`. */
export class DocumentReader implements XmlListener {
  /** URLs so far. */
  count = 0;
  readonly #source: string;
  #base: string | undefined;
  readonly #reader: XmlReader = new XmlReader(this);
  #found: Found[] = [];
  #kind: Kind | undefined;
  #draft: Draft | undefined;

  constructor({ source, url }: { readonly source: string; readonly url: string | undefined }) {
    this.#source = source;
    this.#base = url;
  }

  get isSitemap(): boolean {
    return this.#kind === 'sitemap' || this.#kind === 'index';
  }

  write(text: string): void {
    this.#reader.write(text);
  }

  end(): void {
    this.#reader.end();
    // A document that ends within one was cut, and nobody knows how many more there were.
    if (this.#draft !== undefined) {
      const { number, problem = 'ends within an entry' } = this.#draft;
      this.#found.push({ ...this.#at(number), text: this.#source, problem, reason: 'bad-source' });
    }
    this.#draft = undefined;
  }

  take(): Found[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  open(path: string, attributes: Readonly<Record<string, string>>, line: number): void {
    if (this.#kind === undefined) this.#begin(path);
    if (path === 'feed') this.#base = baseOf(attributes, this.#base);
    if (items.has(path)) {
      const base = path === 'feed/entry' ? baseOf(attributes, this.#base) : undefined;
      this.#draft = {
        number: line,
        loc: '',
        lastmod: undefined,
        priority: undefined,
        problem: undefined,
        base,
      };
    } else if (path === 'feed/entry/link') {
      this.#takeLink(attributes, line);
    }
  }

  close(path: string, text: string, line: number): void {
    const draft = this.#draft;
    if (draft === undefined) return;
    if (items.has(path)) {
      this.#draft = undefined;
      this.#finish(draft);
      return;
    }
    switch (path) {
      case 'rss/channel/item/guid':
        // A permanent link unless it says otherwise; the link, where there is one, is better.
        if (draft.loc === '' && /^https?:/i.test(text)) draft.loc = text;
        return;
      case 'urlset/url/loc':
      case 'sitemapindex/sitemap/loc':
      case 'rss/channel/item/link':
      case 'RDF/item/link':
        if (text !== '') draft.loc = text;
        draft.number = line;
        return;
      case 'urlset/url/lastmod':
      case 'feed/entry/updated':
        draft.lastmod = latestTime(text);
        return;
      case 'rss/channel/item/pubDate':
      case 'RDF/item/date':
      case 'feed/entry/published':
        draft.lastmod ??= latestTime(text);
        return;
      case 'urlset/url/priority':
        if (/^(?:0?\.\d+|[01](?:\.\d+)?)$/.test(text)) draft.priority = Number(text);
    }
  }

  problem(what: string, line: number): void {
    if (this.#kind === undefined) throw new WarmError('ERR_PAGETREE_LIST', `line ${line}: ${what}`);
    if (this.#draft !== undefined) this.#draft.problem ??= what;
    else this.#found.push({ ...this.#at(line), text: this.#source, problem: what, reason: 'bad-source' });
  }

  #begin(root: string): void {
    this.#kind = kinds[root];
    if (this.#kind !== undefined) return;
    throw new WarmError(
      'ERR_PAGETREE_LIST',
      `it is XML with the root element <${printable(root, 40)}>, neither a sitemap nor a feed`,
      { hint: 'A sitemap begins with <urlset> or <sitemapindex>, a feed with <rss>, <feed> or <rdf:RDF>.' },
    );
  }

  /** The page of an entry in Atom: the link without `rel`, or with `alternate` (RFC 4287, 4.2.7.2). */
  #takeLink(attributes: Readonly<Record<string, string>>, line: number): void {
    const { rel = 'alternate', href } = attributes;
    if (this.#draft === undefined || this.#draft.loc !== '' || rel !== 'alternate' || href === undefined)
      return;
    const base = baseOf(attributes, this.#draft.base);
    this.#draft.loc = base === undefined ? href.trim() : absolute(href.trim(), base);
    this.#draft.number = line;
  }

  #finish({ number, loc, lastmod, priority, problem }: Draft): void {
    this.count += 1;
    if (loc === '' || problem !== undefined) {
      const what = problem ?? 'names no URL';
      // In an index it stands for a sitemap that cannot be read.
      const reason = this.#kind === 'index' ? ({ reason: 'bad-source' } as const) : {};
      this.#found.push({ ...this.#at(number), text: excerpt(loc, 300), problem: what, ...reason });
      return;
    }
    const line = judgeText(loc, number);
    if (this.#kind === 'index' && !('problem' in line)) {
      this.#found.push({ nested: loc, number } satisfies NestedSource);
      return;
    }
    this.#found.push({
      ...line,
      source: this.#source,
      ...(lastmod === undefined ? {} : { lastmod }),
      ...(priority === undefined ? {} : { priority }),
    } satisfies Entry);
  }

  #at(number: number): { readonly source: string; readonly number: number } {
    return { source: this.#source, number };
  }
}

/** What addresses in an element of Atom are relative to (RFC 4287, 2; XML Base, 4). */
function baseOf(attributes: Readonly<Record<string, string>>, outer: string | undefined): string | undefined {
  const own = attributes['xml:base']?.trim();
  if (own === undefined) return outer;
  return URL.canParse(own, outer) ? new URL(own, outer).href : outer;
}

function absolute(href: string, base: string): string {
  return URL.canParse(href, base) ? new URL(href, base).href : href;
}
