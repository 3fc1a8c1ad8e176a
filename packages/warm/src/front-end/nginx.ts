/** The configuration of nginx (1.18 or later) for a tree: a file for the `http` context, as `/etc/nginx/conf.d/` has them. Pure. */
import { createHash } from 'node:crypto';
import type { Model } from './model.ts';
import { endings } from './nginx-files.ts';
import { caseless } from './nginx-map.ts';
import { mapsText } from './nginx-maps.ts';
import { quotedForNginx as quoted, withoutVariables } from './nginx-quote.ts';
import { atOrBelow, literal } from './spelling.ts';
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

# The host that was asked for: a target with a host says more than Host does (RFC 9112, 3.2.2).
map $request $pagetree_authority {
  default $http_host;
  ${caseless('^[^ ]+ +https?://')} $host;
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
  # A purge is seen at once.
  open_file_cache off;

  # The type of a page follows from its name.
  types_hash_max_size 4096;
  types {
${indented(typeRows(model), 2)}  }
  default_type ${quoted(withoutVariables('contentType', model.types.fallback))};
  charset off;
  gzip off;
  log_not_found off;

${indented(beginText(model), 1)}
${indented(locationsText(model), 1)}
${indented(upstream ? applicationText() : missingText(root), 1)}}
`;
}

function typeRows({ types }: Model): string {
  const rows = [...extensionsByType(types)];
  return rows
    .map(([type, extensions]) => `${quoted(withoutVariables('types', type))} ${extensions.join(' ')};\n`)
    .join('');
}

/**
 * The file is asked for by its whole name, so that a variant has the type of its page. Of expressions the first that matches is
 * taken: pages in folders of their own name come first, then the longest prefix of a type.
 */
function locationsText(model: Model): string {
  const { types } = model;
  const place = (pattern: string, ...texts: string[]): string =>
    `location ~ ${pattern} {\n${indented(texts.join(''), 1)}}\n`;
  const typed = (type: string): string =>
    `types { }\ndefault_type ${quoted(withoutVariables('types', type))};\n`;
  const answer = answerText(model, '$pagetree_page = ""');
  const folder = [typed(html), answerText(model, '!-f $pagetree_page'), variantText];
  return [
    ...endings(model).map(([pattern, ending]) =>
      place(quoted(pattern), `rewrite ^ ${quoted(`\${uri}${ending}`)} last;\n`),
    ),
    ...(hasFolders(model) ? [place(quoted(`/${literal(pageFileOf(model))}$`), ...folder)] : []),
    ...types.prefixes.map(({ prefix, value }) =>
      place(quoted(atOrBelow([withoutVariables('types', decodeURIComponent(prefix))])), typed(value), answer),
    ),
    place('^', answer),
  ].join('');
}

const html = 'text/html; charset=utf-8';

const hasFolders = ({ lookups }: Model): boolean => lookups.some(({ unless }) => unless !== undefined);

const pageFileOf = ({ manifest }: Model): string =>
  withoutVariables('directoryIndex and pageFile', manifest.pageFile);

/** How a page is answered. @param isMissing When there is none. */
function answerText({ upstream, cacheControl, root }: Model, isMissing: string): string {
  const purged =
    '# Purged or moved into a folder at this very moment, or not readable: the application answers.\n';
  return `${upstream ? `${purged}error_page 301 403 404 418 = @pagetree_app;\n` : ''}if (${isMissing}) {
  return ${upstream ? 418 : 404};
}
alias $pagetree_page$pagetree_ending;
${linksText(root)}add_header Cache-Control ${cacheControl.length > 0 ? '$pagetree_cache_control' : 'no-cache'};
add_header Vary $pagetree_vary;
add_header Content-Encoding $pagetree_coding;
add_header Cache-Status "nginx; hit";
`;
}

function linksText(root: string): string {
  return `# A link in the tree does not show what is outside of it.
disable_symlinks on ${quoted(`from=${withoutVariables('--cache-dir', root)}`)};
`;
}

const variantText = `# Its variant, for clients that take one.
if ($pagetree_vary = "") {
  break;
}
if ($pagetree_first = "") {
  break;
}
if (-f $pagetree_page$pagetree_first) {
  set $pagetree_ending $pagetree_first;
  break;
}
if (-f $pagetree_page$pagetree_second) {
  set $pagetree_ending $pagetree_second;
}
`;

/** A variant without its page is none, so the page is looked for first, whatever is answered then. */
function beginText(model: Model): string {
  const folder = `# Perhaps there are pages below it, and it is in their folder.
if (!-f $pagetree_page) {
  set $pagetree_page $pagetree_file_in_folder;
  rewrite ^ ${quoted(`\${uri}/${pageFileOf(model)}`)} last;
}
`;
  const missing = `if (!-f $pagetree_page) {
  set $pagetree_page "";
  break;
}
`;
  return `# The page, when it is there.
set $pagetree_page $pagetree_file;
set $pagetree_ending "";
if ($pagetree_page = "") {
  break;
}
${hasFolders(model) ? folder : missing}${variantText}`;
}

function applicationText(): string {
  return `location @pagetree_app {
  proxy_pass http://pagetree_app$request_uri;
  proxy_http_version 1.1;
  # With another proxy in front that ends TLS, send on what that one says of scheme and host instead.
  proxy_set_header Host $pagetree_authority;
  proxy_set_header X-Forwarded-Host $pagetree_authority;
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

function missingText(root: string): string {
  return `error_page 301 403 404 405 =404 @pagetree_missing;
location @pagetree_missing {
${indented(linksText(root), 1)}  try_files /404.html =404;
}
`;
}
