/** The configuration of nginx (1.18 or later) for a tree: a file for the `http` context, as `/etc/nginx/conf.d/` has them. Pure. */
import { isCompressible } from '@pagetree/core';
import { ignorableCookieLine } from './cookies.ts';
import { acceptsEverything, harmlessConnection, passingHeaders, sensibleHost } from './headers.ts';
import { forms } from './lookups.ts';
import type { Model, PrefixRule } from './model.ts';
import { quotedForNginx as quoted, withoutVariables } from './nginx-quote.ts';
import { acceptedTarget, atOrBelow, hasPlainNames, literal, refusedTarget } from './spelling.ts';
import { extensionsByType, header, indented } from './writing.ts';

/** One `map`: a variable that follows from others. */
interface NginxMap {
  readonly about: string;
  readonly from: string;
  readonly to: string;
  readonly rows: readonly (readonly [when: string, then: string])[];
}

const regex = (pattern: string): string => quoted(`~${pattern}`);
const caseless = (pattern: string): string => quoted(`~*${pattern}`);
const no = '""';

/** Writes the configuration. */
export function nginxConfig(model: Model): string {
  const conditions = [...requestMaps(model), ...(model.upstream ? clientMaps(model) : [])];
  const every = conditions.map(({ to }) => `\${${to}}`).join('');
  const asks: NginxMap = {
    about: 'All of that together: the request may be answered from the tree.',
    from: `"${every}"`,
    to: 'pagetree_asks',
    rows: [
      ['default', no],
      ['1'.repeat(conditions.length), '1'],
    ],
  };
  const maps = [pathMap(model), ...conditions, asks, ...lookupMaps(model), ...headerMaps(model)];
  return [
    header(model, 'nginx'),
    ...maps.map(mapText),
    model.upstream ? upstreamText(model) : undefined,
    serverText(model),
  ]
    .filter((part) => part !== undefined)
    .join('\n');
}

function mapText({ about, from, to, rows }: NginxMap): string {
  return `# ${about}\nmap ${from} $${to} {\n${rows.map(([when, then]) => `  ${when} ${then};\n`).join('')}}\n`;
}

/** The path as it came: with an application a query goes there, so the path is all of the target. */
function pathMap({ upstream }: Model): NginxMap {
  return {
    about: 'The path as it came.',
    from: '$request_uri',
    to: 'pagetree_path',
    rows: [['default', no], upstream ? [regex('^[^?]*$'), '$request_uri'] : [regex('^([^?]*)'), '$1']],
  };
}

/** What the request line says. */
function requestMaps({ manifest, upstream, inside, excluded }: Model): NginxMap[] {
  const accepted = acceptedTarget('pcre', !hasPlainNames(manifest));
  const query = upstream ? '' : '(?:\\?[^ ]*)?';
  const maps: NginxMap[] = [
    {
      about: `GET or HEAD${upstream ? ' without a query' : ''}, and the one spelling that a path has.`,
      from: '$request',
      to: 'pagetree_spelt',
      rows: [
        ['default', no],
        [regex(`^(?:GET|HEAD) ${accepted}${query} HTTP/`), '1'],
      ],
    },
    {
      about: 'No name of the tree itself, of a variant or of a program.',
      from: '$pagetree_path',
      to: 'pagetree_named',
      rows: [
        ['default', '1'],
        [caseless(refusedTarget(manifest)), no],
      ],
    },
  ];
  if (inside.length > 0 || excluded.length > 0) {
    maps.push({
      about: 'cachePaths and excludePaths.',
      from: '$pagetree_path',
      to: 'pagetree_inside',
      rows: [
        ['default', inside.length > 0 ? no : '1'],
        ...(excluded.length > 0 ? [[regex(atOrBelow(excluded)), no] as const] : []),
        ...(inside.length > 0 ? [[regex(atOrBelow(inside)), '1'] as const] : []),
      ],
    });
  }
  return maps;
}

/** What the header fields say: whoever would get another page from the application asks it. */
function clientMaps({ rules }: Model): NginxMap[] {
  const fields = passingHeaders.map((name) => `\${http_${name.replaceAll('-', '_')}}`).join('');
  const field = (about: string, name: string, to: string, patterns: readonly string[]): NginxMap => ({
    about,
    from: `$http_${name}`,
    to,
    rows: [['default', no], ...patterns.map((pattern) => [pattern, '1'] as const)],
  });
  const maps = [
    {
      about: 'No credentials, and no header with which an application answers something else.',
      from: `"${fields}"`,
      to: 'pagetree_plain',
      rows: [
        ['default', no],
        [no, '1'],
      ],
    } satisfies NginxMap,
    field('No body.', 'content_length', 'pagetree_bodiless', [no, '0']),
    field('Connection names no other field.', 'connection', 'pagetree_single', [
      no,
      'keep-alive',
      'close',
      caseless(harmlessConnection),
    ]),
    field('Every type is accepted.', 'accept', 'pagetree_open', [no, '"*/*"', caseless(acceptsEverything)]),
    field(
      rules.hosts === undefined ? 'A host that makes sense.' : 'A host of this site.',
      'host',
      'pagetree_host',
      rules.hosts === undefined
        ? [no, caseless(sensibleHost)]
        : [caseless(`^(?:${rules.hosts.map(literal).join('|')})$`)],
    ),
  ];
  if (rules.cookies === 'ignore') return maps;
  const cookies = regex(ignorableCookieLine(rules.ignoreCookies, 'pcre'));
  return [
    ...maps,
    field('No cookie but those that change nothing.', 'cookie', 'pagetree_cookies', [no, cookies]),
  ];
}

/** The files to try, one variable each; empty where the form of the path is another one. */
function lookupMaps({ lookups }: Model): NginxMap[] {
  return lookups.map(({ form, suffix, unless }, at) => ({
    about: `File ${at + 1}: of a path that is ${form}.`,
    from: '"$pagetree_asks$uri"',
    to: `pagetree_file_${at + 1}`,
    rows: [
      ['default', no],
      ...(unless === undefined ? [] : [[caseless(unless), no] as const]),
      [
        regex(`^1(?<pagetree_key_${at + 1}>${forms[form].slice(1, -1)})$`),
        quoted(`\${pagetree_key_${at + 1}}${withoutVariables('directoryIndex and pageFile', suffix)}`),
      ],
    ],
  }));
}

function headerMaps(model: Model): NginxMap[] {
  const { types, cacheControl } = model;
  const usual = varies(types.fallback);
  const others = [...types.extensions].filter(([, type]) => varies(type) !== usual);
  return [
    {
      about:
        'Browsers ask each time and get a 304, so that a purge reaches them too; or what cacheControl says.',
      from: '$pagetree_path',
      to: 'pagetree_cache_control',
      rows: [
        ['default', 'no-cache'],
        ...cacheControl.map(
          ({ prefix, value }) =>
            [
              regex(atOrBelow([prefix])),
              quoted(withoutVariables(`cacheControl[${JSON.stringify(prefix)}]`, value)),
            ] as const,
        ),
      ],
    },
    {
      about: 'Types that shrink have variants.',
      from: '$uri',
      to: 'pagetree_vary',
      rows: [
        ['default', usual],
        [
          caseless(`[^/]\\.(?:${others.map(([extension]) => literal(extension)).join('|')})$`),
          usual === no ? 'Accept-Encoding' : no,
        ],
      ],
    },
  ];
}

/** The value of `Vary` for a type. */
function varies(type: string): string {
  return isCompressible(type.split(';', 1)[0]!) ? 'Accept-Encoding' : no;
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

/** How a page is answered. @param type The one type of all pages here; `undefined`: it follows from the name. */
function treeText({ lookups, upstream, manifest }: Model, type?: string): string {
  const files = lookups
    .map(({ suffix }, at) => ({ suffix, file: `$pagetree_file_${at + 1}` }))
    // A page that is in a folder of its own name is HTML.
    .filter(
      ({ suffix }) =>
        suffix !== `/${manifest.pageFile}` || type === undefined || type.startsWith('text/html'),
    )
    .map(({ file }) => file)
    .join(' ');
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
