import robotsParser from 'robots-parser';
import type { Line } from './lines.ts';
import { judgeText } from './lines.ts';

/** A parser must read so much of a robots.txt (RFC 9309, 2.5); what comes after it is left out. */
export const robotsBytes = 500 * 1024;
/** The longest line and the most lines that are looked at: matching costs their product with the length of a path. */
const longestLine = 1024;
const mostLines = 5000;

/** Says whether a target may be fetched. */
export type Allows = (target: string) => boolean;

// Its types are those of an ES module, which it is not.
const parse = robotsParser as unknown as (
  url: string,
  text: string,
) => { isAllowed(url: string, agent: string): boolean | undefined };

/** The part of a rule's URL that its parser wants; which site it is does not matter. */
const anySite = 'http://site.invalid';

/** The sitemaps that a robots.txt names, for whomever, each with its line. Pure. */
export function sitemapsOf(text: string): Line[] {
  return linesOf(text).flatMap((line, at) => {
    const named = /^[ \t]*sitemap[ \t]*:[ \t]*([^ \t#]+)/i.exec(line);
    return named === null ? [] : [judgeText(named[1]!, at + 1)];
  });
}

/**
 * What the rules of a robots.txt allow an agent: the longest rule decides, and with two of one length the one that
 * allows (RFC 9309, 2.2.2). Pure.
 */
export function readRules(text: string, agent: string): Allows {
  const rules = parse(`${anySite}/robots.txt`, linesOf(text).join('\n'));
  return (target) => rules.isAllowed(anySite + target, agent) !== false;
}

/**
 * Rules of one's own, in the language of robots.txt: `/shop` is `/shop` and all below, `*` is anything, `$` the end.
 * With at least one `include`, everything else is left out. The longest pattern that fits decides. Pure.
 */
export function patternRules(include: readonly string[], exclude: readonly string[]): Allows {
  if (include.length === 0 && exclude.length === 0) return () => true;
  const lines = [
    'User-agent: *',
    ...(include.length > 0 ? ['Disallow: /'] : []),
    ...include.map((pattern) => `Allow: ${pattern}`),
    ...exclude.map((pattern) => `Disallow: ${pattern}`),
  ];
  return readRules(lines.join('\n'), '*');
}

function linesOf(text: string): string[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/, mostLines)
    .map((line) => (line.length > longestLine ? '' : line));
}
