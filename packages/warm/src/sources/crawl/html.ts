import { Tokenizer } from 'htmlparser2';
import { forbidsFollowing, readRefresh, readSrcset } from './attributes.ts';
import { readCssLinks } from './css.ts';

/** A link as it stands in a page. */
export interface Link {
  /** What the attribute says, references decoded; relative to `base`. */
  readonly href: string;
  /** `page`: to be visited. `asset`: a part of this page, such as a style sheet or an image. */
  readonly kind: 'page' | 'asset';
  /** The line of the page, from 1. */
  readonly line: number;
  /** The link says `rel=nofollow`. */
  readonly nofollow: boolean;
}

/** The longest value of an attribute, in characters. A link is far shorter, a `srcset` may be long. */
const longestValue = 64 * 1024;
const longestStyle = 1024 * 1024;
const mostAttributes = 256;

/** Elements whose attribute is a link, and what it leads to. */
const plainLinks: Readonly<Record<string, readonly (readonly [attribute: string, kind: Link['kind']])[]>> = {
  // In a drawing, too, where the older name is still written (SVG 1.1, 17.1).
  a: [
    ['href', 'page'],
    ['xlink:href', 'page'],
  ],
  area: [['href', 'page']],
  iframe: [['src', 'page']],
  frame: [['src', 'page']],
  img: [['src', 'asset']],
  source: [['src', 'asset']],
  script: [['src', 'asset']],
  video: [
    ['src', 'asset'],
    ['poster', 'asset'],
  ],
  audio: [['src', 'asset']],
  track: [['src', 'asset']],
  embed: [['src', 'asset']],
  object: [['data', 'asset']],
  input: [['src', 'asset']],
  image: [
    ['href', 'asset'],
    ['xlink:href', 'asset'],
  ],
  use: [
    ['href', 'asset'],
    ['xlink:href', 'asset'],
  ],
};

const pageRels = new Set([
  'canonical',
  'alternate',
  'next',
  'prev',
  'first',
  'last',
  'contents',
  'index',
  'prerender',
]);
const assetRels = new Set([
  ...['stylesheet', 'icon', 'apple-touch-icon', 'apple-touch-icon-precomposed', 'mask-icon', 'manifest'],
  ...['preload', 'modulepreload', 'prefetch'],
]);

/**
 * Finds the links of a page of HTML as it comes. It follows tags, not the tree they make: no page is too deep.
 */
export class HtmlReader {
  readonly links: Link[] = [];
  /** What `<base>` says; the first one counts (HTML standard, 4.2.3). */
  base: string | undefined;
  /** The page says of all its links that nobody should follow them. */
  nofollow = false;
  readonly #tokenizer: Tokenizer;
  /** What the tokenizer was given and may still point into; it counts from the beginning of the page. */
  #text = '';
  #offset = 0;
  /** Up to where the tokenizer has told. */
  #told = 0;
  #line = 1;
  /** Up to where lines were counted. */
  #counted = 0;
  #tag = '';
  #tagLine = 1;
  #name = '';
  #value = '';
  #attributes = new Map<string, string>();
  /** What stands in the `<style>` that is open. */
  #css: string | undefined;

  constructor() {
    this.#tokenizer = new Tokenizer(
      { xmlMode: false, decodeEntities: true },
      {
        onopentagname: (start, end) => {
          this.#tag = this.#slice(start, end).toLowerCase();
          this.#attributes = new Map();
          this.#countLines(start);
          this.#tagLine = this.#line;
          this.#css = undefined;
        },
        onattribname: (start, end) => {
          this.#name = this.#slice(start, end).toLowerCase();
          this.#value = '';
        },
        onattribdata: (start, end) => {
          if (this.#value.length < longestValue) this.#value += this.#slice(start, end);
        },
        onattribentity: (code) => {
          if (this.#value.length < longestValue) this.#value += String.fromCodePoint(code);
        },
        onattribend: () => {
          // As in browsers, the first of two attributes with one name counts.
          const { size } = this.#attributes;
          if (size < mostAttributes && !this.#attributes.has(this.#name))
            this.#attributes.set(this.#name, this.#value);
        },
        onopentagend: () => this.#opened(),
        onselfclosingtag: () => this.#opened(),
        onclosetag: () => this.#endStyle(),
        ontext: (start, end) => {
          if (this.#css !== undefined && this.#css.length < longestStyle)
            this.#css += this.#slice(start, end);
        },
        ontextentity: () => {},
        oncdata: () => {},
        oncomment: () => {},
        ondeclaration: () => {},
        onprocessinginstruction: () => {},
        onend: () => {},
      },
    );
  }

  write(text: string): void {
    this.#text += text;
    this.#tokenizer.write(text);
    const end = this.#offset + this.#text.length;
    // A name may go on in the next piece; what is far behind is the inside of a comment or script.
    const keep = Math.max(this.#told, end - longestValue);
    this.#countLines(keep);
    this.#text = this.#text.slice(keep - this.#offset);
    this.#offset = keep;
  }

  end(): void {
    this.#tokenizer.end();
    this.#endStyle();
  }

  #slice(start: number, end: number): string {
    this.#told = end;
    return this.#text.slice(Math.max(0, start - this.#offset), Math.max(0, end - this.#offset));
  }

  #countLines(to: number): void {
    for (let at = this.#counted - this.#offset; ; at += 1) {
      at = this.#text.indexOf('\n', Math.max(0, at));
      if (at === -1 || at + this.#offset >= to) break;
      this.#line += 1;
    }
    this.#counted = Math.max(to, this.#counted);
  }

  #endStyle(): void {
    if (this.#css !== undefined) this.#addCss(this.#css);
    this.#css = undefined;
  }

  #opened(): void {
    const tag = this.#tag;
    const attribute = (name: string) => this.#attributes.get(name);
    if (tag === 'style') this.#css = '';
    for (const [name, kind] of plainLinks[tag] ?? []) this.#add(attribute(name), kind);
    this.#addSrcset(attribute('srcset') ?? (tag === 'link' ? attribute('imagesrcset') : undefined));
    const style = attribute('style');
    if (style !== undefined) this.#addCss(style);
    if (tag === 'base') this.base ??= attribute('href');
    if (tag === 'link') this.#addLinkElement();
    if (tag === 'meta')
      this.#readMeta(attribute('name') ?? '', attribute('http-equiv') ?? '', attribute('content') ?? '');
  }

  #addLinkElement(): void {
    const rels = words(this.#attributes.get('rel'));
    if (rels.some((rel) => assetRels.has(rel))) this.#add(this.#attributes.get('href'), 'asset');
    else if (rels.some((rel) => pageRels.has(rel))) this.#add(this.#attributes.get('href'), 'page');
  }

  #readMeta(name: string, equivalent: string, content: string): void {
    if (name.toLowerCase() === 'robots') this.nofollow ||= forbidsFollowing(content);
    if (equivalent.toLowerCase() !== 'refresh') return;
    this.#add(readRefresh(content.slice(0, longestValue)), 'page');
  }

  #addSrcset(value: string | undefined): void {
    if (value === undefined) return;
    for (const href of readSrcset(value)) this.#add(href, 'asset');
  }

  #addCss(css: string): void {
    for (const href of readCssLinks(css)) this.#add(href, 'asset');
  }

  #add(href: string | undefined, kind: Link['kind']): void {
    const text = href?.trim();
    if (text === undefined || text === '' || text.startsWith('#')) return;
    const nofollow = words(this.#attributes.get('rel')).includes('nofollow');
    this.links.push({ href: text, kind, line: this.#tagLine, nofollow });
  }
}

function words(value: string | undefined): string[] {
  return (value ?? '').toLowerCase().split(/\s+/);
}
