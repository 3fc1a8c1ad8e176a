/** The configuration of Apache (2.4.47 or later) for a tree: a virtual host, as `/etc/apache2/sites-available/` has them. Pure. */
import { isCompressible } from '@pagetree/core';
import { quotedForApache as quoted, quotedForRewrite, substitution } from './apache-quote.ts';
import { ignorableCookieLine } from './cookies.ts';
import { acceptsEverything, harmlessConnection, passingHeaders, sensibleHost } from './headers.ts';
import { forms, type Lookup } from './lookups.ts';
import type { Model } from './model.ts';
import { acceptedTarget, atOrBelow, hasPlainNames, literal, refusedTarget } from './spelling.ts';
import { comment, extensionsByType, header, indented } from './writing.ts';

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
const MISSING = '/pagetree-missing';
const codings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

const when = (text: string, test: string, ...flags: string[]): string =>
  `RewriteCond ${quotedForRewrite(text)} ${quotedForRewrite(test)}${flags.length > 0 ? ` [${flags.join(',')}]` : ''}`;

function ruleText({ about, conditions = [], pattern = '^', to = '-', flags }: Rule): string {
  const rule = `RewriteRule ${quotedForRewrite(pattern)} ${quotedForRewrite(to)} ${quotedForRewrite(`[${flags.join(',')}]`)}`;
  return `${about === undefined ? '' : `\n${comment(about)}`}${[...conditions, rule].join('\n')}\n`;
}

/** Writes the configuration. */
export function apacheConfig(model: Model): string {
  const { upstream, listen, serverNames, root } = model;
  const [name, ...aliases] = serverNames;
  const address = listen === undefined ? '*:80' : /^\d+$/.test(listen) ? `*:${listen}` : listen;
  const tree = treeRules(model);
  const rules = [...pathRules(model), ...passRules(model, tree.length), ...tree, lastRule(model)];
  const names = [
    ...(name === undefined ? [] : [`ServerName ${name}`]),
    ...(aliases.length > 0 ? [`ServerAlias ${aliases.join(' ')}`] : []),
  ];
  return `${header(model, 'Apache')}${comment(`Its modules: a2enmod rewrite headers${upstream ? ' proxy proxy_http' : ''}`)}
${listen === undefined ? '' : `Listen ${listen}\n`}${upstream ? workerText(model) : ''}<VirtualHost ${address}>
${names.map((line) => `  ${line}\n`).join('')}  DocumentRoot ${quoted(root)}
${indented(directoryText(model), 1)}
${indented(headerText(model), 1)}
  # Paths are looked up and passed on as they came.
  MergeSlashes Off
  AllowEncodedSlashes NoDecode

  RewriteEngine On
${indented(rules.map(ruleText).join(''), 1)}</VirtualHost>
`;
}

function directoryText({ root, upstream }: Model): string {
  return `<Directory ${quoted(root)}>
  # A link in the tree does not show what is outside of it.
  Options None
  AllowOverride None
  AcceptPathInfo Off
  # A page that has just become a folder is not its index.
  <IfModule dir_module>
    DirectoryIndex disabled
    DirectorySlash Off
  </IfModule>
  Require all granted
  # A page is a file, whatever its name says to other modules.
  SetHandler default-handler
  RemoveEncoding .gz .tgz .Z .z .bz2 .br .zst
  RemoveLanguage ${languages.map((language) => `.${language}`).join(' ')}
  RemoveOutputFilter .shtml .html .htm
${upstream ? '  # Entity tags of Apache are not those of Node: the time decides, and who has a tag asks Node.\n  FileETag None\n' : '  FileETag MTime Size\n'}  EnableMMAP Off
</Directory>
${upstream ? '# Purged at this very moment, or behind a link: the application answers.\n' : ''}ErrorDocument 403 ${MISSING}
ErrorDocument 404 ${MISSING}
`;
}

/** The endings that Apache's own file of types makes languages of. */
const languages = [
  ...[
    'amh',
    'ara',
    'be',
    'bg',
    'bn',
    'br',
    'bs',
    'ca',
    'cy',
    'cz',
    'da',
    'de',
    'dk',
    'dz',
    'el',
    'en',
    'eo',
    'es',
  ],
  ...[
    'et',
    'eu',
    'fa',
    'fi',
    'fr',
    'ga',
    'glg',
    'gu',
    'he',
    'hi',
    'hr',
    'hu',
    'hy',
    'id',
    'is',
    'it',
    'ja',
    'ka',
  ],
  ...[
    'kk',
    'km',
    'kn',
    'ko',
    'ku',
    'lo',
    'lt',
    'ltz',
    'lv',
    'mg',
    'mk',
    'ml',
    'mr',
    'msa',
    'ne',
    'nl',
    'nn',
    'no',
  ],
  ...[
    'nob',
    'pa',
    'po',
    'pt',
    'pt-br',
    'ro',
    'ru',
    'sa',
    'se',
    'si',
    'sk',
    'sl',
    'sq',
    'sr',
    'sv',
    'ta',
    'te',
    'th',
  ],
  ...['tl', 'tr', 'uk', 'ur', 'vi', 'wo', 'xh', 'zh-cn', 'zh-tw'],
];

function workerText({ upstream }: Model): string {
  return `# Connections to the application are kept, and may become WebSockets.
<Proxy ${quoted(addressOf(upstream))}>
  ProxySet enablereuse=on upgrade=websocket
</Proxy>

`;
}

function addressOf(upstream: Model['upstream']): string {
  return upstream?.kind === 'unix'
    ? `unix:${upstream.path}|http://localhost`
    : `http://${upstream?.host}:${upstream?.port}`;
}

function headerText({ cacheControl, upstream }: Model): string {
  const rules = [...cacheControl].reverse().map(({ prefix, value }) => {
    const test = quoted(
      `expr=reqenv('PAGETREE_HIT') == '1' && reqenv('PAGETREE_PATH') =~ m#${atOrBelow([prefix])}#`,
    );
    return `Header set Cache-Control ${quoted(value.replaceAll('%', '%%'))} ${test}\n`;
  });
  return `# Browsers ask each time and get a 304, so that a purge reaches them too; or what cacheControl says.
Header set Cache-Control no-cache env=PAGETREE_HIT
${rules.join('')}Header set Vary Accept-Encoding env=PAGETREE_VARY
Header set Cache-Status "apache; hit" env=PAGETREE_HIT
${codings.map(([coding]) => `Header set Content-Encoding ${coding} env=PAGETREE_${coding.toUpperCase()}\n`).join('')}${
  upstream
    ? `# Within its first second a page may be replaced and keep its time.
Header unset Last-Modified "expr=reqenv('PAGETREE_HIT') == '1' && %{LAST_MODIFIED} >= %{TIME}"

ProxyPreserveHost On
# With another proxy in front that ends TLS, send on what that one says of scheme and host instead.
RequestHeader unset X-Forwarded-Host early
RequestHeader set X-Forwarded-Proto "expr=%{REQUEST_SCHEME}"
`
    : ''
}`;
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
    );
    if (rules.cookies === 'bypass') {
      const harmless = ignorableCookieLine(rules.ignoreCookies, 'pcre');
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
