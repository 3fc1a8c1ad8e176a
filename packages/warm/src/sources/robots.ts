import type { Entry } from './entry.ts';
import { judgeText, type Line } from './lines.ts';
import { type Allows, type PathRule, pathRules } from './path-rules.ts';

/** A parser must read so much of a robots.txt (RFC 9309, 2.5). */
export const robotsBytes = 500 * 1024;

/** A robots.txt, as far as it is looked at. */
export interface Robots {
  readonly text: string;
  /** There is more than that. */
  readonly cut: boolean;
}

/** Takes so much of a robots.txt as is looked at, without the line that goes on behind that. Pure. */
export function takeRobots(bytes: Buffer): Robots {
  const cut = bytes.length > robotsBytes;
  const text = bytes.subarray(0, robotsBytes).toString('utf8');
  const end = cut ? Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1 : text.length;
  return { text: text.slice(0, end), cut };
}

/** Says that a robots.txt goes on behind what is looked at: nobody knows what it names there, and what it forbids. */
export function cutRobots(source: string): Entry {
  const problem = `is longer than ${robotsBytes / 1024} KB; the rest is left out (RFC 9309, 2.5)`;
  return { text: source, number: 0, source, problem, reason: 'bad-source' };
}

/** The sitemaps that a robots.txt names, for whomever, each with its line. Pure. */
export function sitemapsOf(text: string): Line[] {
  return linesOf(text).flatMap((line, at) => {
    const { name, value } = fieldOf(line);
    return name === 'sitemap' && value !== '' ? [judgeText(value.split(/\s/, 1)[0]!, at + 1)] : [];
  });
}

/** What the rules of a robots.txt allow an agent: those of its own groups, else those for all (RFC 9309, 2.2.1). Pure. */
export function readRules(text: string, agent: string): Allows {
  const own = agent.toLowerCase();
  const rules = new Map<string, PathRule[]>();
  const names = new Set<string>();
  let hasRules = false;
  for (const line of linesOf(text)) {
    const { name, value } = fieldOf(line);
    if (name === 'user-agent') {
      // Behind a rule, this line begins the next group; before one, it is another name of the same.
      if (hasRules) names.clear();
      hasRules = false;
      const product = /^[^/\s]*/.exec(value.toLowerCase())![0];
      if (product !== own && product !== '*') continue;
      names.add(product);
      if (!rules.has(product)) rules.set(product, []);
    } else if (name === 'allow' || name === 'disallow') {
      hasRules = true;
      if (value === '') continue;
      for (const product of names) rules.get(product)!.push({ pattern: value, allow: name === 'allow' });
    }
  }
  return pathRules(rules.get(own) ?? rules.get('*') ?? []);
}

/** `Disallow : /a # comment` says `/a` of `disallow`. */
function fieldOf(line: string): { readonly name: string; readonly value: string } {
  const [, name = '', value = ''] = /^([^:#]*):([^#]*)/.exec(line) ?? [];
  return { name: name.trim().toLowerCase(), value: value.trim() };
}

function linesOf(text: string): string[] {
  return text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
}
