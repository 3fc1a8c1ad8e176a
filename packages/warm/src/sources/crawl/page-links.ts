import { TextDecoder } from 'node:util';
import type { HeaderMap } from '@pagetree/core';
import { forbidsFollowing } from './attributes.ts';
import { CodedReader, codingsOf } from './coded.ts';
import { readCssLinks } from './css.ts';
import { HtmlReader, type Link } from './html.ts';

/** The most bytes of one page that are looked at. */
const mostBytes = 16 * 1024 * 1024;
/** The most links of one page. */
const mostLinks = 50_000;

const tooLarge = 'is too large to follow all of its links';

/** What was found in one page. */
export interface PageLinks {
  readonly links: readonly Link[];
  /** What the links are relative to. */
  readonly base: string;
  /** Why it may have more links; `undefined` when these are all. */
  readonly lost: string | undefined;
}

/** Takes the body of one page as it comes. */
export interface LinkReader {
  /** `false`: nothing more is looked at. */
  write(chunk: Uint8Array): boolean;
  end(): PageLinks;
}

/** A reader for the links of a response; `undefined` when it can have none: it is neither HTML nor CSS. */
export function linkReader(url: string, headers: HeaderMap): LinkReader | undefined {
  const type = first(headers['content-type']);
  const reader = plainReader(url, type, headers);
  const codings = codingsOf(headers);
  return reader === undefined || codings.length === 0 ? reader : new CodedReader(codings, reader, mostBytes);
}

function plainReader(url: string, type: string, headers: HeaderMap): LinkReader | undefined {
  const media = type.split(';', 1)[0]!.trim().toLowerCase();
  const decoder = decoderOf(type);
  if (media === 'text/css') return new CssLinks(url, decoder);
  if (media !== 'text/html' && media !== 'application/xhtml+xml') return undefined;
  const robots = [headers['x-robots-tag'] ?? []].flat();
  return new HtmlLinks(url, decoder, robots.some(forbidsFollowing));
}

/** The text of a response, up to the most that is looked at. */
abstract class BoundedReader implements LinkReader {
  protected readonly url: string;
  readonly #decoder: InstanceType<typeof TextDecoder>;
  #bytes = 0;
  protected cut = false;

  constructor(url: string, decoder: InstanceType<typeof TextDecoder>) {
    this.url = url;
    this.#decoder = decoder;
  }

  write(chunk: Uint8Array): boolean {
    const room = mostBytes - this.#bytes;
    if (chunk.length > room) this.cut = true;
    if (room > 0) this.add(this.#decoder.decode(chunk.subarray(0, room), { stream: true }));
    this.#bytes += chunk.length;
    return !this.cut;
  }

  protected abstract add(text: string): void;
  abstract end(): PageLinks;
}

class HtmlLinks extends BoundedReader {
  readonly #reader = new HtmlReader();
  readonly #nofollow: boolean;

  constructor(url: string, decoder: InstanceType<typeof TextDecoder>, nofollow: boolean) {
    super(url, decoder);
    this.#nofollow = nofollow;
  }

  protected add(text: string): void {
    if (this.#reader.links.length > mostLinks) this.cut = true;
    else this.#reader.write(text);
  }

  end(): PageLinks {
    this.#reader.end();
    const { links, base, nofollow } = this.#reader;
    const none = nofollow || this.#nofollow;
    return {
      links: links.slice(0, mostLinks).map((link) => (none ? { ...link, nofollow: true } : link)),
      base: base !== undefined && URL.canParse(base, this.url) ? new URL(base, this.url).href : this.url,
      lost: this.cut || links.length > mostLinks ? tooLarge : undefined,
    };
  }
}

class CssLinks extends BoundedReader {
  #css = '';

  protected add(text: string): void {
    this.#css += text;
  }

  end(): PageLinks {
    const links: Link[] = [];
    for (const href of readCssLinks(this.#css)) {
      if (links.length === mostLinks) return { links, base: this.url, lost: tooLarge };
      links.push({ href, kind: 'asset', line: 0, nofollow: false });
    }
    return { links, base: this.url, lost: this.cut ? tooLarge : undefined };
  }
}

/** Links are ASCII in every charset that the web uses; an unknown one is read as UTF-8. */
function decoderOf(type: string): InstanceType<typeof TextDecoder> {
  const charset = /charset\s*=\s*"?([\w.:-]{1,40})/i.exec(type)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

function first(value: string | readonly string[] | undefined): string {
  return (typeof value === 'string' ? value : value?.[0]) ?? '';
}
