/** The configuration of nginx (1.18 or later) for a tree: a file for the `http` context, as `/etc/nginx/conf.d/` has them. Pure. */
import { createHash } from 'node:crypto';
import type { Model, PrefixRule } from './model.ts';
import { mapsText, varies } from './nginx-maps.ts';
import { quotedForNginx as quoted, withoutVariables } from './nginx-quote.ts';
import { extensionsByType, header, indented } from './writing.ts';

/** Writes the configuration. */
export function nginxConfig(model: Model): string {
  const parts = [mapsText(model)];
  if (model.upstream) parts.push(upstreamText(model));
  const text = named([...parts, serverText(model)].join('\n'), model.serverNames[0]);
  return `${header(model, 'nginx')}\n${text}`;
}

/**
 * Variables and upstreams belong to all sites of one nginx, and of two with one name the later would decide for both: so the
 * site's name is in them. No value of a person has a `$` or a group with a name in it.
 */
function named(text: string, serverName: string | undefined): string {
  if (serverName === undefined) return text;
  const site = `pagetree_${wordFor(serverName.toLowerCase())}_`;
  return text.replace(/(\$\{?|\(\?<|^upstream |proxy_pass http:\/\/)pagetree_/gm, `$1${site}`);
}

/** The hash of all variables has no room for long names (`variables_hash_bucket_size`). */
const LONGEST = 16;

function wordFor(name: string): string {
  const word = name.replace(/[^a-z0-9]/g, '_');
  if (word.length <= LONGEST && word.length > 0) return word;
  return `${word.slice(0, LONGEST - 7)}_${createHash('sha256').update(name).digest('hex').slice(0, 6)}`;
}

function upstreamText({ upstream }: Model): string {
  const address =
    upstream?.kind === 'unix'
      ? quoted(withoutVariables('--upstream', `unix:${upstream.path}`))
      : `${upstream?.host}:${upstream?.port}`;
  return `map $http_upgrade $pagetree_connection {
  default upgrade;
  "" "";
}

upstream pagetree_app {
  server ${address};
  keepalive 32;
}
`;
}

function serverText(model: Model): string {
  const { upstream, root, serverNames, listen } = model;
  return `server {
  listen ${listen ?? '80'};
${serverNames.length > 0 ? `  server_name ${serverNames.join(' ')};\n` : ''}
  root ${quoted(withoutVariables('--cache-dir', root))};
  # Names are looked up as they came: two slashes are not one.
  merge_slashes off;
  # A link in the tree does not show what is outside of it.
  disable_symlinks on from=$document_root;
  # A purge is seen at once.
  open_file_cache off;

  # The type of a page follows from its name.
  types_hash_max_size 4096;
  types {
${indented(typeRows(model), 2)}  }
  default_type ${quoted(withoutVariables('contentType', model.types.fallback))};
  charset off;

  gzip_static on;
  gzip_http_version 1.0;
  gzip_proxied any;
  gzip_vary off;

${indented(locationsText(model), 1)}
${indented(upstream ? applicationText() : missingText(), 1)}}
`;
}

function typeRows({ types }: Model): string {
  const rows = [...extensionsByType(types)];
  return rows
    .map(([type, extensions]) => `${quoted(withoutVariables('types', type))} ${extensions.join(' ')};\n`)
    .join('');
}

/** A rule for a path prefix compares whole segments and the longest wins, as nginx has it too. */
function locationsText(model: Model): string {
  const { types } = model;
  const everywhere = types.prefixes.find(({ prefix }) => prefix === '/');
  const rest = everywhere ? '' : `location / {\n${indented(treeText(model), 1)}}\n`;
  return rest + types.prefixes.map((rule) => prefixText(model, rule)).join('');
}

function prefixText(model: Model, { prefix, value }: PrefixRule): string {
  const path = withoutVariables('types', decodeURIComponent(prefix));
  const places = path.endsWith('/')
    ? [`^~ ${quoted(path)}`]
    : [`= ${quoted(path)}`, `^~ ${quoted(`${path}/`)}`];
  const type = quoted(withoutVariables('types', value));
  const text = indented(`types { }\ndefault_type ${type};\n${treeText(model, value)}`, 1);
  return places.map((place) => `location ${place} {\n${text}}\n`).join('');
}

const html = 'text/html; charset=utf-8';

/** How a page is answered. @param type The one type of all pages here; `undefined`: it follows from the name. */
function treeText({ lookups, upstream }: Model, type?: string): string {
  // A page that is in a folder of its own name is HTML.
  const folders = lookups.some(({ unless }) => unless !== undefined) && (type ?? html) === html;
  const files = `$pagetree_file${folders ? ' $pagetree_file_in_folder' : ''}`;
  const purged =
    '# Purged or moved into a folder at this very moment, or not readable: the application answers.\n';
  return `gzip off;
add_header Cache-Control $pagetree_cache_control;
add_header Vary ${type === undefined ? '$pagetree_vary' : varies(type)};
add_header Cache-Status "nginx; hit";
${upstream ? `${purged}error_page 301 403 404 = @pagetree_app;\n` : ''}try_files ${files} ${upstream ? '@pagetree_app' : '=404'};
`;
}

function applicationText(): string {
  return `location @pagetree_app {
  proxy_pass http://pagetree_app;
  proxy_http_version 1.1;
  # With another proxy in front that ends TLS, send on what that one says of scheme and host instead.
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-Host $http_host;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $pagetree_connection;
  # What the application streams arrives as it is sent, and what it refuses is its own affair.
  proxy_buffering off;
  proxy_intercept_errors off;
}
client_max_body_size 0;
`;
}

function missingText(): string {
  return `error_page 301 403 404 405 =404 @pagetree_missing;
location @pagetree_missing {
  try_files /404.html =404;
}
`;
}
