/** What a run shows its site and nobody else, kept out of what the site says back. */
import { credentialHeaders } from '@pagetree/core/rules';
import type { Connection } from '../config/connection.ts';
import type { PageResult, UrlResult } from '../results.ts';

/** Shorter ones guard nothing, and would be found in words. */
const shortest = 6;
/** The same in the names of pages: a site may well be called what some field says. */
const shortestInUrl = 16;

/** Fields whose values everybody knows, where they are none that say who somebody is. */
const known = /^(?:accept(?:-.*)?|user-agent|referer|cache-control|x-forwarded-.*)$/;

/** The values that prove who a run is: of header fields and cookies, the password, and the token of the tree. */
export class Secrets {
  readonly #own: readonly string[];
  #token: () => string | undefined = () => undefined;
  /** How they are spelled, the longest first. */
  #forms: readonly string[];
  #formsOf: string | undefined;

  constructor(connection: Pick<Connection, 'headers' | 'cookies'>) {
    this.#own = secretsOf(connection);
    this.#forms = formsOf(this.#own);
  }

  /** @param token answers `undefined` while the tree is not open, or when this user may not read it. */
  withToken(token: () => string | undefined): this {
    this.#token = token;
    return this;
  }

  /** A text without them, as they are and as they stand in a URL. */
  hide(text: string): string {
    const token = this.#token();
    if (token !== this.#formsOf) {
      this.#formsOf = token;
      this.#forms = formsOf([...this.#own, token ?? '']);
    }
    return hidden(text, this.#forms);
  }

  /** A URL, or a file, without the long ones. Its host says where a site is. */
  hideInUrl(url: string): string {
    const [host = ''] = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i.exec(url) ?? [];
    const long = this.#forms.filter(({ length }) => length >= shortestInUrl);
    return host + hidden(url.slice(host.length), long);
  }

  /** A result as a program gets it: without them in what the site had to say, and with a URL that it can use. */
  inDetail<T extends PageResult>(result: T): T {
    return result.detail === undefined ? result : { ...result, detail: this.hide(result.detail) };
  }

  /** A result as it is told: without them wherever they stand. */
  told(result: UrlResult): UrlResult {
    const { url, place, source } = result;
    return {
      ...this.inDetail(result),
      url: this.hideInUrl(url),
      source: this.hideInUrl(source),
      ...(place === undefined ? {} : { place: this.hideInUrl(place) }),
    };
  }
}

function secretsOf({ headers, cookies }: Pick<Connection, 'headers' | 'cookies'>): string[] {
  const fields = Object.entries(headers).filter(([name]) => credentialHeaders.has(name) || !known.test(name));
  const pairs = cookies.map(({ pair }) => pair);
  const values = fields.flatMap(([name, value]) => {
    if (name !== 'cookie') return withoutScheme(name, value);
    pairs.push(...value.split(/; */));
    return [];
  });
  const ofCookies = pairs.map((pair) => pair.slice(pair.indexOf('=') + 1));
  return [...values, ...ofCookies.flatMap((value) => withoutScheme('cookie', value))];
}

/** Credentials without their scheme, and what is in them (RFC 9110, 11.4): a site repeats what it has read out of a field. */
function withoutScheme(name: string, value: string): string[] {
  // A field that is not for credentials may well have words in it.
  const schemes = credentialHeaders.has(name) ? /^[\w!#$%&'*+.^`|~-]+ +(.+)$/ : /^(?:basic|bearer) +(.+)$/i;
  const rest = schemes.exec(value)?.[1];
  if (rest === undefined) return [value];
  if (/^basic /i.test(value)) {
    const pair = Buffer.from(rest, 'base64').toString();
    return [rest, pair.replace(/^[^:]*:/, '')];
  }
  const parameters = [...rest.matchAll(/=\s*"?([^",\s]+)/g)].map(([, said]) => said!);
  return [rest, ...parameters];
}

function hidden(text: string, forms: readonly string[]): string {
  return forms.reduce((left, form) => left.replaceAll(form, '…'), text);
}

/** How secrets are spelled in a text that a site may have made of them: as they are, and as they stand in a URL (RFC 3986, 2.1). */
function formsOf(secrets: readonly string[]): string[] {
  const forms = secrets
    .filter((secret) => secret.length >= shortest)
    .flatMap((secret) => {
      const encoded = encodeURIComponent(secret);
      return [secret, encoded, encodeURI(secret), encoded.replaceAll('%20', '+')];
    });
  return [...new Set(forms)].sort((one, other) => other.length - one.length);
}
