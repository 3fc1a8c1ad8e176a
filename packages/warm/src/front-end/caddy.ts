/** The configuration of Caddy (2.6 or later) for a tree: a site for a Caddyfile. Pure. */
import { isCompressible } from '@pagetree/core';
import {
  nameForCaddy,
  pathForCaddy,
  caddyPattern as pattern,
  plainForCaddy,
  caddyWord as word,
} from './caddy-quote.ts';
import { matches, matchesNot, requestText, TARGET } from './caddy-request.ts';
import { forms, type Lookup } from './lookups.ts';
import type { Model } from './model.ts';
import { atOrBelow } from './spelling.ts';
import { header, indented } from './writing.ts';

const PATH = '{http.request.uri.path}';
/** What most files of sites are, first: Caddy compares a path with each row until one is the same. */
const usualExtensions = ['css', 'js', 'png', 'jpg', 'svg', 'webp', 'json', 'xml', 'txt', 'ico', 'woff2'];

/** Writes the configuration. */
export function caddyConfig(model: Model): string {
  const { upstream, root } = model;
  return `${header(model, 'Caddy')}
${addressText(model)} {
${bindText(model)}  root * ${word(pathForCaddy('--cache-dir', root))}

${indented(requestText(model), 1)}
${indented(mapsText(model), 1)}
${indented(model.lookups.map((lookup, at) => matcherText(lookup, at)).join('\n'), 1)}
  @pagetree_varies vars {pagetree_vary} Accept-Encoding
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

/** What follows from a path: the type, `Vary` and `Cache-Control`. Beside a pattern `$` begins a group, and `$$` is one. */
function mapsText({ types, cacheControl, upstream, lookups }: Model): string {
  const path = upstream ? TARGET : '{pagetree_path}';
  const rank = (extension: string): number => {
    const at = usualExtensions.indexOf(extension);
    return at < 0 ? usualExtensions.length : at;
  };
  const rows = [...types.extensions]
    .filter(([, type]) => type !== types.fallback)
    .sort(([one], [other]) => rank(one) - rank(other));
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
${row('""', types.fallback)}${rows.map(([extension, type]) => row(`.${extension}`, type)).join('')}  default ${word(plainForCaddy('contentType', types.fallback))} ${varies(types.fallback)}
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
