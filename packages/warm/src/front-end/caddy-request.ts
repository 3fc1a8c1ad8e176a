/** The requests that Caddy answers from the tree, as one matcher. Pure. */
import { caddyPattern as pattern } from './caddy-quote.ts';
import { ignorableCookieLine } from './cookies.ts';
import {
  acceptsEverything,
  alikeCodings,
  harmlessConnection,
  passingHeaders,
  sensibleHost,
} from './headers.ts';
import type { Model } from './model.ts';
import { acceptedTarget, atOrBelow, hasPlainNames, literal, refusedTarget } from './spelling.ts';
import { LONGEST, ownNames } from './usual.ts';
import { indented } from './writing.ts';

/** The target as it came. */
export const TARGET = '{http.request.orig_uri}';
const USUAL_PATH = `^(?:/|(?:/[A-Za-z0-9_~-]{1,${LONGEST}})+/?)$`;

/**
 * Several lines of `vars_regexp` mean any of them, several of `not` mean none of them: so all is said by what is not. Caddy 2.6
 * also tries a pattern on the text `<nil>`, so each begins with what no `<` matches.
 */
export const matchesNot = (variable: string, expression: string): string =>
  `not vars_regexp ${variable} ${pattern(expression)}\n`;
export const matches = (variable: string, expression: string): string =>
  `not {\n  ${matchesNot(variable, expression)}}\n`;
/**
 * A request without a field. All lines of `header` in one matcher are one loop over a table, where each `not header` is a matcher.
 * Go looks a field up by its canonical name, and would make that of any other spelling at each request.
 */
const lacks = (name: string): string =>
  `header !${name.replace(/\b[a-z]/g, (first) => first.toUpperCase())}\n`;
/** A field that matches, or is not there: lines of `not` are asked in their order, and most requests lack most fields. */
const fieldMatches = (name: string, expression: string): string =>
  `not {\n  not ${lacks(name)}  ${matchesNot(`{http.request.header.${name}}`, expression)}}\n`;

/** The matcher `@pagetree`. */
export function requestText(model: Model): string {
  const { upstream, inside, excluded } = model;
  const path = upstream ? TARGET : '{pagetree_path}';
  const about = upstream
    ? `# The tree answers GET and HEAD without a query, for the one spelling of a path, when nothing says that the
# application would answer something else.
`
    : '# The tree answers GET and HEAD, for the one spelling of a path.\n';
  const lines = [
    'method GET HEAD\n',
    targetText(model, path),
    ...(inside.length > 0 ? [matches(path, atOrBelow(inside))] : []),
    ...(excluded.length > 0 ? [matchesNot(path, atOrBelow(excluded))] : []),
    ...(upstream ? clientLines(model) : []),
  ];
  return `${about}@pagetree {\n${indented(lines.join(''), 1)}}\n`;
}

/**
 * Most paths have plain letters and no dot, which one short pattern tells. Only of the others the long ones are asked, which take
 * Go some microseconds.
 */
function targetText({ manifest, upstream }: Model, path: string): string {
  const end = upstream ? '$' : '(?:\\?.*)?$';
  const accepted = acceptedTarget('re2', !hasPlainNames(manifest));
  // A ? in a name would become the beginning of a query. Extensions are found in lower case only.
  const odd = '%3F|\\.[^/.]*[A-Z][^/.]*$';
  const closer =
    matches(TARGET, `^${accepted}${end}`) + matchesNot(path, `(?i:${refusedTarget(manifest)})|${odd}`);
  const own = ownNames(manifest).join('|');
  const usual = matches(path, USUAL_PATH) + (own === '' ? '' : matchesNot(path, `(?i)/(?:${own})`));
  return `not {\n${[usual, closer].map((either) => `  not {\n${indented(either, 2)}  }\n`).join('')}}\n`;
}

function clientLines({ rules }: Model): string[] {
  const own = '^(?:W/)?"[0-9a-z]+"$';
  const conditions = ['If-Match', 'If-None-Match', 'If-Range'];
  const host =
    rules.hosts === undefined
      ? `^$|${sensibleHost.replace('0-9a-f', '0-9A-Fa-f')}`
      : `(?i)^(?:${rules.hosts.map(literal).join('|')})$`;
  return [
    // The type of several ranges is another one than that of the page.
    fieldMatches('Range', '^(?:bytes=[0-9]*-[0-9]*)?$'),
    ...[...passingHeaders, 'if-unmodified-since'].map(lacks),
    ...conditions.map((name) => fieldMatches(name, `^$|${own}`)),
    fieldMatches('Content-Length', '^0?$'),
    fieldMatches('Connection', `(?i)${harmlessConnection}`),
    fieldMatches('Accept', `(?i)^$|${acceptsEverything}`),
    matches('{http.request.hostport}', host),
    // Weights are compared by the middleware.
    fieldMatches('Accept-Encoding', `^$|${alikeCodings}`),
    ...(rules.cookies === 'ignore'
      ? []
      : [fieldMatches('Cookie', `^$|${ignorableCookieLine(rules.ignoreCookies, 're2', ',')}`)]),
  ];
}
