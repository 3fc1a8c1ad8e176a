/** What a run shows its site and nobody else, kept out of what the site says back. */
import type { Connection } from '../config/connection.ts';
import type { PageResult } from '../results.ts';

/** Shorter ones guard nothing, and would be found in words. */
const shortest = 6;

/** Fields whose values everybody knows. */
const known = /^(?:accept(?:-.*)?|user-agent|referer|cache-control|x-forwarded-.*)$/;

/**
 * The values that prove who a run is: of header fields and cookies, the password, and the token of the tree.
 *
 * @param token `undefined`: the tree is not open yet, or this user may not read it.
 */
export function secretsOf(
  { headers, cookies }: Pick<Connection, 'headers' | 'cookies'>,
  token: string | undefined,
): string[] {
  const fields = Object.entries(headers).filter(([name]) => !known.test(name));
  const pairs = cookies.map(({ pair }) => pair);
  const values = fields.flatMap(([name, value]) => {
    if (name !== 'cookie') return [value];
    pairs.push(...value.split(/; */));
    return [];
  });
  values.push(...pairs.map((pair) => pair.slice(pair.indexOf('=') + 1)), token ?? '');
  return values.flatMap((value) => {
    const [, scheme = '', rest = ''] = /^(basic|bearer) +(.+)$/i.exec(value) ?? [];
    if (rest === '') return [value];
    if (scheme.toLowerCase() === 'bearer') return [rest];
    return [
      rest,
      Buffer.from(rest, 'base64')
        .toString()
        .replace(/^[^:]*:/, ''),
    ];
  });
}

/** A result as it is told: without secrets in what the site had to say. */
export function discreet<T extends PageResult>(result: T, secrets: () => readonly string[]): T {
  if (result.detail === undefined) return result;
  return { ...result, detail: withoutValues(result.detail, secrets()) };
}

/**
 * Takes secrets out of a text that a site may have made of what it was shown, as they are and as they stand in a URL
 * (RFC 3986, 2.1).
 */
function withoutValues(text: string, secrets: readonly string[]): string {
  const forms = secrets
    .filter((secret) => secret.length >= shortest)
    .flatMap((secret) => [secret, encodeURIComponent(secret), encodeURI(secret)]);
  const longestFirst = [...new Set(forms)].sort((one, other) => other.length - one.length);
  return longestFirst.reduce((left, form) => left.replaceAll(form, '…'), text);
}
