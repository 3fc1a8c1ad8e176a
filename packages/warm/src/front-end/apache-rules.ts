/** The rules of mod_rewrite for a tree: from a request to a file, its type and its variant. Pure. */
import { isCompressible } from '@pagetree/core';
import { quotedForRewrite, substitution } from './apache-quote.ts';
import { ignorableCookieLine } from './cookies.ts';
import {
  acceptsEverything,
  alikeCodings,
  harmlessConnection,
  passingHeaders,
  sensibleHost,
} from './headers.ts';
import { forms, type Lookup } from './lookups.ts';
import type { Model } from './model.ts';
import { acceptedTarget, atOrBelow, hasPlainNames, literal, refusedTarget } from './spelling.ts';
import { comment, extensionsByType } from './writing.ts';

/** A rule of mod_rewrite, with the conditions before it. */
interface Rule {
  readonly about?: string;
  readonly conditions?: readonly string[];
  readonly pattern?: string;
  readonly to?: string;
  readonly flags: readonly string[];
}

const PATH = '%{ENV:PAGETREE_PATH}';
/** Where Apache goes with its own errors. Who asks for this path is answered by what was asked for, as ever. */
export const MISSING = '/pagetree-missing';
/** The variants to look for, the best first. */
export const codings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

const when = (text: string, test: string, ...flags: string[]): string =>
  `RewriteCond ${quotedForRewrite(text)} ${quotedForRewrite(test)}${flags.length > 0 ? ` [${flags.join(',')}]` : ''}`;

function ruleText({ about, conditions = [], pattern = '^', to = '-', flags }: Rule): string {
  const rule = `RewriteRule ${quotedForRewrite(pattern)} ${quotedForRewrite(to)} ${quotedForRewrite(`[${flags.join(',')}]`)}`;
  return `${about === undefined ? '' : `\n${comment(about)}`}${[...conditions, rule].join('\n')}\n`;
}

/** All rules, in order. */
export function rulesText(model: Model): string {
  const tree = treeRules(model);
  const rules = [...pathRules(model), ...passRules(model, tree.length), ...tree, lastRule(model)];
  return rules.map(ruleText).join('');
}

/** Where the application is. */
export function addressOf(upstream: Model['upstream']): string {
  return upstream?.kind === 'unix'
    ? `unix:${upstream.path}|http://localhost`
    : `http://${upstream?.host}:${upstream?.port}`;
}

/** The path as it came, and errors of this server. */
function pathRules({ upstream, types, root }: Model): Rule[] {
  const target = '^[^ ]+ (?:https?://[^/? ]*)?(/[^? ]*)?';
  const failed = when('%{REQUEST_URI}', `^${MISSING}$`);
  const missing: Rule = {
    about: 'What is not found.',
    conditions: [failed, when(`${substitution(root)}/404.html`, '-s')],
    to: `${substitution(root)}/404.html`,
    flags: [`T=${types.extensions.get('html') ?? types.fallback}`, 'L'],
  };
  return [
    {
      about: 'The path as it came.',
      conditions: [when('%{THE_REQUEST}', target)],
      flags: ['E=PAGETREE_PATH:%1'],
    },
    ...(upstream
      ? [{ conditions: [failed], to: application(upstream), flags: ['P', 'NE', 'L'] }]
      : [missing]),
  ];
}

/** The path as it came. Apache adds the query by itself. */
function application(upstream: Model['upstream']): string {
  return `${addressOf(upstream)}%{ENV:PAGETREE_PATH}`;
}

/** Requests that the tree does not answer: they skip the rules about it. */
function passRules(model: Model, skipped: number): Rule[] {
  const { manifest, upstream, rules, inside, excluded } = model;
  const query = upstream ? '' : '(?:\\?[^ ]*)?';
  const accepted = acceptedTarget('pcre', !hasPlainNames(manifest));
  // A ? in a name would become the beginning of a query where a file is named.
  const conditions = [
    when('%{THE_REQUEST}', `!^(?:GET|HEAD) ${accepted}${query} HTTP/`, 'OR'),
    when(PATH, `${refusedTarget(manifest)}|%3F`, 'NC', 'OR'),
    ...(inside.length > 0 ? [when(PATH, `!${atOrBelow(inside)}`, 'OR')] : []),
    ...(excluded.length > 0 ? [when(PATH, atOrBelow(excluded), 'OR')] : []),
  ];
  if (upstream) {
    const told = [...passingHeaders, 'if-match', 'if-none-match', 'if-unmodified-since', 'if-range'];
    const host =
      rules.hosts === undefined ? `!^$|${sensibleHost}` : `!^(?:${rules.hosts.map(literal).join('|')})$`;
    conditions.push(
      when(told.map((name) => `%{HTTP:${name}}`).join(''), '!^$', 'NV', 'OR'),
      when('%{HTTP:content-length}', '!^0?$', 'NV', 'OR'),
      when('%{HTTP:connection}', `!${harmlessConnection}`, 'NC', 'NV', 'OR'),
      when('%{HTTP:accept}', `!^$|${acceptsEverything}`, 'NC', 'NV', 'OR'),
      when('%{HTTP:host}', host, 'NC', 'NV', 'OR'),
      // Whoever weighs codings is answered by the middleware, which compares the weights.
      when('%{HTTP:accept-encoding}', `!^$|${alikeCodings}`, 'NV', 'OR'),
    );
    if (rules.cookies === 'bypass') {
      const harmless = ignorableCookieLine(rules.ignoreCookies, 'pcre', ',');
      conditions.push(when('%{HTTP:cookie}', `!^$|${harmless}`, 'NV', 'OR'));
    }
  }
  const about = upstream
    ? 'The tree answers GET and HEAD without a query, for the one spelling of a path, when nothing says that the application would answer something else.'
    : 'The tree answers GET and HEAD, for the one spelling of a path.';
  return [{ about, conditions: [...conditions, when(PATH, '^$')], flags: [`S=${skipped}`] }];
}

/** From the path to type and file. */
function treeRules(model: Model): Rule[] {
  const types = typeRules(model);
  return [
    ...types.map((rule, at) => ({ ...rule, flags: [...rule.flags, `S=${types.length - 1 - at}`] })),
    ...model.lookups.map((lookup, at) => fileRule(model, lookup, at)),
    ...codings.map((coding) => variantRule(model, coding)),
    {
      about: 'The page itself.',
      conditions: [when('%{ENV:PAGETREE_FILE}', '.')],
      to: `${substitution(model.root)}%{ENV:PAGETREE_FILE}`,
      flags: pageFlags,
    },
  ];
}

const pageFlags = ['T=%{ENV:PAGETREE_TYPE}', 'E=PAGETREE_HIT:1', 'E=no-gzip:1', 'E=no-brotli:1', 'L'];

/** The type of a page follows from its name: the first rule that matches skips the others. */
function typeRules({ types, lookups, manifest }: Model): Rule[] {
  const flagsOf = (type: string): string[] => [
    `E=PAGETREE_TYPE:${type}`,
    ...(isCompressible(type.split(';', 1)[0]!) ? ['E=PAGETREE_VARY:1'] : []),
  ];
  const known = (extension: string): string => types.extensions.get(extension) ?? types.fallback;
  const fixed = lookups.filter(
    ({ extension, suffix }) => extension !== undefined && suffix !== `/${manifest.pageFile}`,
  );
  const byExtension = [...extensionsByType(types)].sort(([a], [b]) => rank(a) - rank(b));
  return [
    ...types.prefixes.map(({ prefix, value }) => ({
      conditions: [when(PATH, atOrBelow([prefix]))],
      flags: flagsOf(value),
    })),
    ...fixed.map(({ form, extension }) => ({ pattern: forms[form], flags: flagsOf(known(extension!)) })),
    { pattern: forms.undotted, flags: flagsOf(types.fallback) },
    ...byExtension.map(([type, extensions]) => ({
      pattern: `[^/]\\.(?:${extensions.map(literal).join('|')})$`,
      flags: [...flagsOf(type), 'NC'],
    })),
    { flags: flagsOf(types.fallback) },
  ].map((rule, at) => (at === 0 ? { about: 'The type of a page follows from its name.', ...rule } : rule));
}

/** What is asked for most comes first. */
function rank(type: string): number {
  const usual = ['text/html', 'text/css', 'text/javascript', 'image/', 'font/', 'application/json'];
  const at = usual.findIndex((beginning) => type.startsWith(beginning));
  return at === -1 ? usual.length : at;
}

function fileRule({ root }: Model, { form, suffix, unless }: Lookup, at: number): Rule {
  return {
    about: `File ${at + 1}: of a path that is ${form}. An empty file is no page.`,
    conditions: [
      when('%{ENV:PAGETREE_FILE}', '^$'),
      ...(unless === undefined ? [] : [when('%{REQUEST_URI}', `!${unless}`, 'NC')]),
      when(`${substitution(root)}%{REQUEST_URI}${substitution(suffix)}`, '-s'),
      when(`${substitution(root)}%{REQUEST_URI}${substitution(suffix)}`, '!-l'),
    ],
    pattern: forms[form],
    flags: [`E=PAGETREE_FILE:%{REQUEST_URI}${substitution(suffix)}`],
  };
}

function variantRule({ root }: Model, [coding, suffix]: (typeof codings)[number]): Rule {
  const file = `${substitution(root)}%{ENV:PAGETREE_FILE}${suffix}`;
  const weight = '(?:[ \\t]*;[ \\t]*q=(?:1(?:\\.0{0,3})?|0\\.(?:[1-9][0-9]{0,2}|0[1-9][0-9]?|00[1-9])))?';
  return {
    about: `Its ${coding} variant, for clients that take it.`,
    conditions: [
      when('%{ENV:PAGETREE_FILE}', '.'),
      when('%{ENV:PAGETREE_VARY}', '1'),
      when('%{HTTP:accept-encoding}', `(?:^|,)[ \\t]*${coding}${weight}[ \\t]*(?:,|$)`, 'NC', 'NV'),
      when(file, '-s'),
      when(file, '!-l'),
    ],
    to: file,
    flags: [`E=PAGETREE_${coding.toUpperCase()}:1`, ...pageFlags],
  };
}

function lastRule({ upstream }: Model): Rule {
  if (upstream === undefined) return { about: 'Nothing else is there.', flags: ['R=404', 'L'] };
  return {
    about: 'Everything else goes to the application, as it came.',
    to: application(upstream),
    flags: ['P', 'NE', 'L'],
  };
}
