/** The configuration of Caddy (2.6 or later) for a tree: a site for a Caddyfile. Pure. */
import { isCompressible } from '@pagetree/core';
import {
  nameForCaddy,
  pathForCaddy,
  caddyPattern as pattern,
  plainForCaddy,
  caddyWord as word,
} from './caddy-quote.ts';
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
import { header, indented } from './writing.ts';

const TARGET = '{http.request.orig_uri}';
const PATH = '{http.request.uri.path}';

/**
 * Several lines of `vars_regexp` mean any of them, several of `not` mean none of them: so all is said by what is not. Caddy 2.6
 * also tries a pattern on the text `<nil>`, so each begins with what no `<` matches.
 */
const matchesNot = (variable: string, expression: string): string =>
  `not vars_regexp ${variable} ${pattern(expression)}\n`;
const matches = (variable: string, expression: string): string =>
  `not {\n  ${matchesNot(variable, expression)}}\n`;
const field = (name: string): string => `{http.request.header.${name}}`;

/** Writes the configuration. */
export function caddyConfig(model: Model): string {
  const { upstream, root } = model;
  return `${header(model, 'Caddy')}
${addressText(model)} {
${bindText(model)}  root * ${word(pathForCaddy('--cache-dir', root))}

${indented(requestText(model), 1)}
${indented(mapsText(model), 1)}
${indented(model.lookups.map((lookup, at) => matcherText(lookup, at)).join('\n'), 1)}
  @pagetree_varies vars_regexp {pagetree_vary} ^Accept-Encoding$
  route {
    route @pagetree {
${indented(model.lookups.map((lookup, at) => pageText(lookup, at)).join(''), 3)}    }
${indented(upstream ? `# Everything else goes to the application.\n${applicationText(model)}` : 'error 404\n', 2)}  }

${indented(errorText(model), 1)}}
`;
}

function portOf(listen: string): string {
  return /(\d+)$/.exec(listen)![1]!;
}

/** Without a port Caddy takes care of certificates for the names by itself. */
function addressText({ serverNames, listen }: Model): string {
  if (listen === undefined) return serverNames.length > 0 ? serverNames.join(', ') : ':80';
  const port = portOf(listen);
  return serverNames.length > 0
    ? serverNames.map((name) => `http://${name}:${port}`).join(', ')
    : `http://:${port}`;
}

function bindText({ listen }: Model): string {
  const host = listen === undefined ? '' : listen.slice(0, -portOf(listen).length).replace(/:$/, '');
  return host === '' ? '' : `  bind ${host.replace(/[[\]]/g, '')}\n`;
}

/** Requests that the tree answers. */
function requestText(model: Model): string {
  const { manifest, upstream, inside, excluded } = model;
  const end = upstream ? '$' : '(?:\\?.*)?$';
  const accepted = acceptedTarget('re2', !hasPlainNames(manifest));
  // A ? in a name would become the beginning of a query. Extensions are found in lower case only.
  const odd = '%3F|\\.[^/.]*[A-Z][^/.]*$';
  const path = upstream ? TARGET : '{pagetree_path}';
  const about = upstream
    ? `# The tree answers GET and HEAD without a query, for the one spelling of a path, when nothing says that the
# application would answer something else.
`
    : '# The tree answers GET and HEAD, for the one spelling of a path.\n';
  const lines = [
    'method GET HEAD\n',
    matches(TARGET, `^${accepted}${end}`),
    matchesNot(path, `(?i:${refusedTarget(manifest)})|${odd}`),
    ...(inside.length > 0 ? [matches(path, atOrBelow(inside))] : []),
    ...(excluded.length > 0 ? [matchesNot(path, atOrBelow(excluded))] : []),
    ...(upstream ? clientLines(model) : []),
  ];
  return `${about}@pagetree {\n${indented(lines.join(''), 1)}}\n`;
}

function clientLines({ rules }: Model): string[] {
  const own = '^(?:W/)?"[0-9a-z]+"$';
  const conditions = ['If-Match', 'If-None-Match', 'If-Range'];
  const host =
    rules.hosts === undefined ? `(?i)^$|${sensibleHost}` : `(?i)^(?:${rules.hosts.map(literal).join('|')})$`;
  return [
    // The type of several ranges is another one than that of the page.
    matches(field('Range'), '^(?:bytes=[0-9]*-[0-9]*)?$'),
    ...passingHeaders.map((name) => `not header ${name} *\n`),
    'not header if-unmodified-since *\n',
    ...conditions.map((name) => matches(field(name), `^$|${own}`)),
    matches(field('Content-Length'), '^0?$'),
    matches(field('Connection'), `(?i)${harmlessConnection}`),
    matches(field('Accept'), `(?i)^$|${acceptsEverything}`),
    matches('{http.request.hostport}', host),
    // Weights are compared by the middleware.
    matches(field('Accept-Encoding'), `^$|${alikeCodings}`),
    ...(rules.cookies === 'ignore'
      ? []
      : [matches(field('Cookie'), `^$|${ignorableCookieLine(rules.ignoreCookies, 're2', ',')}`)]),
  ];
}

/** What follows from a path: the type, `Vary` and `Cache-Control`. Beside a pattern `$` begins a group, and `$$` is one. */
function mapsText({ types, cacheControl, upstream, lookups }: Model): string {
  const path = upstream ? TARGET : '{pagetree_path}';
  const rows = [...types.extensions].filter(([, type]) => type !== types.fallback);
  const varies = (type: string): string =>
    isCompressible(type.split(';', 1)[0]!) ? 'Accept-Encoding' : 'none';
  const row = (key: string, type: string): string =>
    `  ${key} ${word(plainForCaddy('types', type))} ${varies(type)}\n`;
  const known = (extension: string): string => types.extensions.get(extension) ?? types.fallback;
  const fixed = lookups
    .filter(({ extension, form }) => extension !== undefined && form !== 'plain')
    .map(({ form, extension }) => row(pattern(`~${forms[form]}`), known(extension!)));
  const prefixes = types.prefixes.map(({ prefix, value }) =>
    row(pattern(`~${atOrBelow([prefix])}`), value.replaceAll('$', '$$$$')),
  );
  return `${upstream ? '' : `# The path as it came.\nmap ${TARGET} {pagetree_path} {\n  ${pattern('~^([^?]*)')} "\${1}"\n}\n\n`}# The type of a page follows from its name.
map {http.request.uri.path.file.ext} {pagetree_named} {pagetree_varied} {
${rows.map(([extension, type]) => row(`.${extension}`, type)).join('')}  default ${word(plainForCaddy('contentType', types.fallback))} ${varies(types.fallback)}
}
map ${path} {pagetree_type} {pagetree_vary} {
${prefixes.join('')}${fixed.join('')}  default {pagetree_named} {pagetree_varied}
}

# Browsers ask each time and get a 304, so that a purge reaches them too; or what cacheControl says.
map ${path} {pagetree_cache_control} {
${cacheControl.map(({ prefix, value }) => `  ${pattern(`~${atOrBelow([prefix])}`)} ${word(plainForCaddy(`cacheControl[${JSON.stringify(prefix)}]`, value).replaceAll('$', '$$$$'))}\n`).join('')}  default no-cache
}
`;
}

/** A path of the right form whose file is there and not empty. */
function matcherText({ form, suffix, unless }: Lookup, at: number): string {
  const file = (policy: string): string =>
    `file {\n  try_files ${word(`{path}${nameForCaddy(suffix)}`)}\n  try_policy ${policy}\n}\n`;
  const lines = [
    matches(PATH, forms[form]),
    ...(unless === undefined ? [] : [matchesNot(PATH, `(?i)${unless}`)]),
    file('first_exist'),
    // Another policy passes an empty file by.
    `not {\n  not {\n${indented(file('largest_size'), 2)}  }\n}\n`,
  ];
  return `# File ${at + 1}: of a path that is ${form}.\n@pagetree_${at + 1} {\n${indented(lines.join(''), 1)}}\n`;
}

function pageText({ suffix }: Lookup, at: number): string {
  const rewrite = suffix === '' ? '' : `rewrite * ${word(`{path}${nameForCaddy(suffix)}`)}\n`;
  const lines = `header {
  Content-Type {pagetree_type}
  Cache-Control {pagetree_cache_control}
  Cache-Status "caddy; hit"
  defer
}
header @pagetree_varies {
  Vary Accept-Encoding
  defer
}
${rewrite}file_server {
  precompressed br gzip
  # A page that has just become a folder is not its index.
  index .pagetree/none
  disable_canonical_uris
}
`;
  return `route @pagetree_${at + 1} {\n${indented(lines, 1)}}\n`;
}

function applicationText({ upstream }: Model): string {
  const address = upstream?.kind === 'unix' ? `unix/${upstream.path}` : `${upstream?.host}:${upstream?.port}`;
  return `reverse_proxy ${address} {
  # What the application streams arrives as it is sent.
  flush_interval -1
  # The application is not asked for a coding that the client did not ask for.
  transport http {
    compression off
  }
}
`;
}

function errorText(model: Model): string {
  if (model.upstream) {
    return `# Purged at this very moment, or not readable: the application answers.
handle_errors {
  @pagetree_gone expression \`{http.error.status_code} in [403, 404]\`
  route @pagetree_gone {
${indented(applicationText(model), 2)}  }
}
`;
  }
  return `handle_errors {
  @pagetree_missing {
    expression \`{http.error.status_code} in [403, 404]\`
    file /404.html
  }
  route @pagetree_missing {
    header Content-Type ${word(model.types.extensions.get('html') ?? model.types.fallback)}
    rewrite * /404.html
    file_server {
      status 404
    }
  }
}
`;
}
