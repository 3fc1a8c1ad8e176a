/** The variables of the configuration of nginx that say whether the tree answers a request. Pure. */
import { ignorableCookieLine } from './cookies.ts';
import {
  acceptsEverything,
  alikeCodings,
  harmlessConnection,
  passingHeaders,
  sensibleHost,
} from './headers.ts';
import { forms } from './lookups.ts';
import type { Model } from './model.ts';
import { fileMaps, formsOf } from './nginx-files.ts';
import { caseless, mapText, type NginxMap, no, regex } from './nginx-map.ts';
import { acceptedTarget, atOrBelow, hasPlainNames, literal, refusedTarget } from './spelling.ts';
import { usualFields, usualRequests } from './usual.ts';

/** All maps, each after those that it needs. */
export function mapsText(model: Model): string {
  const { upstream } = model;
  const always = [...insideMaps(model), ...(upstream ? [plainMap(), ...cookieMaps(model)] : [])];
  const closer = [...targetMaps(model), ...(upstream ? fieldMaps(model) : [])];
  const conditions = [pathMap(model), ...always, ...closer];
  return [...conditions, ...formMaps(model, always, closer), ...fileMaps(model)].map(mapText).join('\n');
}

/** @param always What every request is asked. @param closer What those are asked that do not look like most. */
function formMaps(model: Model, always: readonly NginxMap[], closer: readonly NginxMap[]): NginxMap[] {
  const fields = model.upstream ? `$${usualFields.join('|$')}|` : '$request';
  const hold = (maps: readonly NginxMap[]): string => maps.map(({ to }) => `\${${to}}`).join('');
  const met = (count: number): string => '1'.repeat(count);
  const all = [...closer, ...always];
  const known = formsOf(model);
  return [
    {
      about: 'All of that together: the request may be answered from the tree. This is the form of its path.',
      from: `"${hold(all)}$uri"`,
      to: 'pagetree_seldom',
      rows: [
        ['default', no],
        ...known.map((form) => [regex(`^${met(all.length)}${forms[form].slice(1)}`), form] as const),
      ],
    },
    {
      about: 'Most requests look like this. Of all others each part is judged by itself, as above.',
      from: `"${fields}${hold(always)}"`,
      to: 'pagetree_form',
      rows: [
        ['default', '$pagetree_seldom'],
        ...usualRequests(model, met(always.length))
          .filter(([form]) => known.includes(form))
          .map(([form, pattern]) => [regex(pattern), form] as const),
      ],
    },
  ];
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
function targetMaps({ manifest, upstream }: Model): NginxMap[] {
  const accepted = acceptedTarget('pcre', !hasPlainNames(manifest));
  const query = upstream ? '' : '(?:\\?[^ ]*)?';
  return [
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
}

function insideMaps({ inside, excluded }: Model): NginxMap[] {
  if (inside.length === 0 && excluded.length === 0) return [];
  return [
    {
      about: 'cachePaths and excludePaths.',
      from: '$pagetree_path',
      to: 'pagetree_inside',
      rows: [
        ['default', inside.length > 0 ? no : '1'],
        ...(excluded.length > 0 ? [[regex(atOrBelow(excluded)), no] as const] : []),
        ...(inside.length > 0 ? [[regex(atOrBelow(inside)), '1'] as const] : []),
      ],
    },
  ];
}

/** The length of a body stands behind a sign of its own: no field can be taken for it. */
function plainMap(): NginxMap {
  const fields = passingHeaders.map((name) => `\${http_${name.replaceAll('-', '_')}}`).join('');
  return {
    about: 'No credentials, no header with which an application answers something else, and no body.',
    from: `"${fields}|$http_content_length"`,
    to: 'pagetree_plain',
    rows: [
      ['default', no],
      ['"|"', '1'],
      ['"|0"', '1'],
    ],
  };
}

const field = (about: string, name: string, to: string, patterns: readonly string[]): NginxMap => ({
  about,
  from: `$http_${name}`,
  to,
  rows: [['default', no], ...patterns.map((pattern) => [pattern, '1'] as const)],
});

function cookieMaps({ rules }: Model): NginxMap[] {
  if (rules.cookies === 'ignore') return [];
  const cookies = regex(ignorableCookieLine(rules.ignoreCookies, 'pcre', ';'));
  return [field('No cookie but those that change nothing.', 'cookie', 'pagetree_cookies', [no, cookies])];
}

/** What the other header fields say: whoever would get another page from the application asks it. */
function fieldMaps({ rules }: Model): NginxMap[] {
  return [
    field('Connection names no other field.', 'connection', 'pagetree_single', [
      no,
      'keep-alive',
      'close',
      caseless(harmlessConnection),
    ]),
    field('Every type is accepted.', 'accept', 'pagetree_open', [no, '"*/*"', caseless(acceptsEverything)]),
    field(
      'Who weighs codings is answered by the middleware, which compares the weights.',
      'accept_encoding',
      'pagetree_weightless',
      [no, regex(alikeCodings)],
    ),
    field(
      rules.hosts === undefined ? 'A host that makes sense.' : 'A host of this site.',
      'host',
      'pagetree_host',
      rules.hosts === undefined
        ? [no, caseless(sensibleHost)]
        : [caseless(`^(?:${rules.hosts.map(literal).join('|')})$`)],
    ),
  ];
}
