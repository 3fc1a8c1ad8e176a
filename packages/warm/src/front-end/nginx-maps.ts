/** The variables of the configuration of nginx: what a request asks for, and what follows from its path. Pure. */
import { isCompressible } from '@pagetree/core';
import { ignorableCookieLine } from './cookies.ts';
import { acceptsEverything, harmlessConnection, passingHeaders, sensibleHost } from './headers.ts';
import { forms, type Lookup } from './lookups.ts';
import type { Model } from './model.ts';
import { quotedForNginx as quoted, withoutVariables } from './nginx-quote.ts';
import { acceptedTarget, atOrBelow, hasPlainNames, literal, refusedTarget } from './spelling.ts';

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

/** All maps, each after those that it needs. */
export function mapsText(model: Model): string {
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
  return maps.map(mapText).join('\n');
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

/** The file of a path, which has one form only; and the file in the folder of that name, which is asked for when there is none. */
function lookupMaps({ lookups }: Model): NginxMap[] {
  const row = ({ form, suffix }: Lookup, name: string): readonly [string, string] => [
    regex(`^1(?<${name}>${forms[form].slice(1, -1)})$`),
    quoted(`\${${name}}${withoutVariables('directoryIndex and pageFile', suffix)}`),
  ];
  const usual = lookups.filter(({ unless }) => unless === undefined);
  const inFolder = lookups.filter(({ unless }) => unless !== undefined);
  return [
    {
      about: 'The file of a path. $uri is the path without its escapes.',
      from: '"$pagetree_asks$uri"',
      to: 'pagetree_file',
      rows: [['default', no], ...usual.map((lookup, at) => row(lookup, `pagetree_key_${at}`))],
    },
    ...inFolder.map(
      (lookup): NginxMap => ({
        about: 'The file of a page that has pages below it.',
        from: '"$pagetree_asks$uri"',
        to: 'pagetree_file_in_folder',
        rows: [['default', no], [caseless(lookup.unless!), no], row(lookup, 'pagetree_folder')],
      }),
    ),
  ];
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
export function varies(type: string): string {
  return isCompressible(type.split(';', 1)[0]!) ? 'Accept-Encoding' : no;
}
