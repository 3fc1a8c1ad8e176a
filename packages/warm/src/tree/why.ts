import { explain, type PageCache, type PageRequest, type Reason, reasons, type Why } from '@pagetree/core';
import { exitCodes } from '../commands/exit-codes.ts';
import { seconds } from '../config/values.ts';
import { WarmError } from '../errors.ts';
import { parseOrigin, splitUrl, toTarget } from '../plan/origin.ts';
import { bytes } from '../report/numbers.ts';
import { printable } from '../report/printable.ts';
import { ageText, timeText } from './age.ts';
import { askSite, type SiteAnswer } from './ask-site.ts';
import { type FrontEndAnswer, frontEndAnswer } from './front-end.ts';
import { jsonText } from './json.ts';
import { type Around, openFor, type TreeFlags } from './open.ts';
import { paintFor } from './paint.ts';

/** What the command line says to `pagetree why`. */
export interface WhyFlags extends TreeFlags {
  readonly origin?: string | undefined;
  readonly method: string;
  readonly header: readonly string[];
  readonly timeout?: string | undefined;
}

/** Longest text of one value that is printed. */
const LONGEST = 8192;

/** Explains one URL: the rules, the tree, a web server in front and, when it is named, the site. */
export async function explainUrl(
  url: string,
  flags: WhyFlags,
  around: Around,
  now: number = Date.now(),
): Promise<number> {
  const { stdout, env } = around;
  const request = requestFrom(url, flags);
  const origin = flags.origin === undefined ? undefined : parseOrigin('--origin', flags.origin);
  const timeout = flags.timeout === undefined ? 30 : seconds('--timeout', flags.timeout);
  const cache = await openFor(flags, around);
  const why = await cache.why(request);
  const frontEnd = frontEndAnswer(why);
  const site = origin && (await askSite(origin, request, timeout * 1000));
  if (flags.json) stdout.write(documentOf(cache, why, frontEnd, site));
  else {
    const paint = paintFor(stdout, env);
    const rows = rowsOf(cache, why, frontEnd, site, now);
    const width = Math.max(...rows.map(([name]) => name.length));
    stdout.write(`${paint('bold', printable(why.target, LONGEST))}\n`);
    for (const [name, value] of rows) {
      stdout.write(`  ${paint('dim', name.padEnd(width))}  ${printable(value, LONGEST)}\n`);
    }
  }
  return exitCodes.done;
}

function requestFrom(url: string, flags: WhyFlags): PageRequest {
  const split = splitUrl(url);
  if (url === '' || (split === undefined && !url.startsWith('/'))) {
    throw new WarmError('ERR_PAGETREE_USAGE', `"${printable(url)}" is neither a path nor a URL.`, {
      hint: `A path starts with a slash: /${printable(url)}`,
    });
  }
  const headers = Object.fromEntries(flags.header.map(headerFrom));
  const host = split === undefined || headers.host !== undefined ? {} : { host: split.origin.host };
  if (!/^[A-Z]{1,20}$/.test(flags.method)) {
    throw new WarmError('ERR_PAGETREE_OPTION', '--method must be a method such as GET or HEAD.', {
      hint: `It is "${printable(flags.method, 40)}"; write it in capital letters.`,
    });
  }
  return { method: flags.method, target: toTarget(split?.target ?? url), headers: { ...host, ...headers } };
}

/** `Cookie: a=b`. What is refused here could not be sent either (RFC 9110, 5). */
function headerFrom(line: string): [name: string, value: string] {
  const parts = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line);
  // The value is not repeated: it may be a password.
  if (parts === null) {
    throw new WarmError('ERR_PAGETREE_OPTION', '--header must be a name, a colon and a value.', {
      hint: "For example: --header 'Cookie: session=1'",
    });
  }
  return [parts[1]!.toLowerCase(), parts[2]!.trimEnd()];
}

function reasonText(reason: Reason): string {
  const { what, fix } = explain(reason);
  return `${reason}: ${what} ${fix}`;
}

type Row = readonly [name: string, value: string];

function rowsOf(
  cache: PageCache,
  why: Why,
  frontEnd: FrontEndAnswer,
  site: SiteAnswer | undefined,
  now: number,
): Row[] {
  const rows: Row[] = [
    ['request', why.bypass === undefined ? 'may use the cache' : 'does not touch the cache'],
  ];
  if (why.bypass !== undefined) rows.push(['rule', reasonText(why.bypass)]);
  if (why.place !== undefined) {
    rows.push(['key', why.key!], ['place', `${why.place} in ${cache.cacheDir}`], ['type', why.contentType!]);
  }
  rows.push(...storedRows(why, now), ['web server', frontEnd.text]);
  return site === undefined ? rows : [...rows, ...siteRows(site)];
}

function storedRows({ stored, place, cacheControl }: Why, now: number): Row[] {
  if (place === undefined) return [['stored', 'never: no page can have this target']];
  if (stored === undefined) {
    return [['stored', 'no: it was not asked for since the last purge, or its response may not be stored']];
  }
  const { at, by, mtimeMs, variants, tags, headers } = stored;
  const who =
    by === 'warm'
      ? 'by cache-warm'
      : by === 'middleware'
        ? 'by the middleware'
        : 'by hand, or its meta is lost';
  const when = at ?? mtimeMs;
  const rows: Row[] = [
    ['stored', `${bytes(stored.bytes)}, ${ageText(now - when)} ago (${timeText(when)}), ${who}`],
    ['cache-control', cacheControl ?? 'no-cache'],
  ];
  const sizes = variants.map((variant) => `${variant.coding} ${bytes(variant.bytes)}`).join(', ');
  rows.push(['variants', sizes || 'none']);
  if (stored.missing.length > 0)
    rows.push([
      'missing',
      `${stored.missing.join(', ')}: made, and gone since; cache-warm stores the page anew`,
    ]);
  if (tags.length > 0) rows.push(['tags', tags.join(', ')]);
  for (const [name, value] of headers) rows.push(['header', `${name}: ${value}`]);
  if (stored.lost.length > 0)
    rows.push(['lost', `${stored.lost.join(', ')}: a web server in front does not send them`]);
  return rows;
}

function siteRows(site: SiteAnswer): Row[] {
  if ('problem' in site) return [['site', `does not answer: ${site.problem}`]];
  const { status, cacheStatus, contentType } = site;
  const rows: Row[] = [
    ['site', [`${status}`, contentType ?? 'no content-type'].join(', ')],
    ['cache-status', cacheStatus ?? 'none: no middleware of Pagetree answered'],
  ];
  const reason = reasonIn(cacheStatus);
  if (reason !== undefined) rows.push(['reason', reasonText(reason)]);
  return rows;
}

const names: ReadonlySet<string> = new Set(reasons.map(({ name }) => name));

/** The reason in our member of a `Cache-Status` (RFC 9211, 2.8). */
function reasonIn(cacheStatus: string | undefined): Reason | undefined {
  const found = /(?:^|,)\s*pagetree;[^,]*\bdetail="?([a-z-]+)/.exec(cacheStatus ?? '')?.[1];
  return found !== undefined && names.has(found) ? (found as Reason) : undefined;
}

function documentOf(
  cache: PageCache,
  why: Why,
  frontEnd: FrontEndAnswer,
  site: SiteAnswer | undefined,
): string {
  const { stored, bypass, target, key, place, contentType, cacheControl } = why;
  const document = {
    cacheDir: cache.cacheDir,
    target,
    key: key ?? null,
    place: place ?? null,
    contentType: contentType ?? null,
    cacheControl: cacheControl ?? null,
    bypass: bypass === undefined ? null : { reason: bypass, ...told(bypass) },
    stored:
      stored === undefined
        ? null
        : {
            bytes: stored.bytes,
            at: timeText(stored.at ?? stored.mtimeMs),
            by: stored.by ?? null,
            headers: stored.headers,
            tags: stored.tags,
            variants: Object.fromEntries(stored.variants.map((variant) => [variant.coding, variant.bytes])),
            missing: stored.missing,
            private: stored.isPrivate,
            lost: stored.lost,
          },
    frontEnd: { served: frontEnd.served, text: frontEnd.text },
    ...(site === undefined ? {} : { site: withReason(site) }),
  };
  return `${jsonText(document, 2)}\n`;
}

function told(reason: Reason): { what: string; fix: string } {
  const { what, fix } = explain(reason);
  return { what, fix };
}

function withReason(site: SiteAnswer) {
  const reason = 'problem' in site ? undefined : reasonIn(site.cacheStatus);
  return reason === undefined ? site : { ...site, reason, ...told(reason) };
}
