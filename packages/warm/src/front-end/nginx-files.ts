/** The variables of the configuration of nginx that follow from the form of a path: its files and its headers. Pure. */
import { isCompressible } from '@pagetree/core';
import { type Form, forms, type Lookup } from './lookups.ts';
import type { Model } from './model.ts';
import { caseless, type NginxMap, no, regex } from './nginx-map.ts';
import { quotedForNginx as quoted, withoutVariables } from './nginx-quote.ts';
import { atOrBelow, literal } from './spelling.ts';

const html = 'text/html; charset=utf-8';

/** The forms that have a file. `plain` is told as what it consists of. */
export function formsOf({ lookups }: Model): readonly Form[] {
  return lookups.filter(({ unless }) => unless === undefined).flatMap(({ form }) => partsOf(form));
}

function partsOf(form: Form): Form[] {
  return form === 'plain' ? ['undotted', 'dotted'] : [form];
}

/** The value of `Vary` for a type. */
export function varies(type: string): string {
  return isCompressible(type.split(';', 1)[0]!) ? 'Accept-Encoding' : no;
}

/**
 * Where something must stand behind a path before its file is asked for: nginx opens none by a path that ends in a slash, and takes
 * the type from the path.
 */
export function endings({ lookups, types }: Model): readonly (readonly [pattern: string, ending: string])[] {
  const typed = ({ extension }: Lookup): boolean =>
    (types.extensions.get(extension ?? '') ?? types.fallback) !== types.fallback;
  const slash = (form: Form): boolean => form === 'slash' || form === 'root';
  return lookups
    .filter((lookup) => slash(lookup.form) || (lookup.form !== 'plain' && typed(lookup)))
    .map(({ form, suffix }) => [
      form === 'slash' ? '/$' : forms[form],
      withoutVariables('directoryIndex and pageFile', suffix),
    ]);
}

/** The maps. */
export function fileMaps(model: Model): NginxMap[] {
  const { root, lookups } = model;
  const file = ({ suffix }: Lookup): string =>
    quoted(
      `${withoutVariables('--cache-dir', root)}\${uri}${withoutVariables('directoryIndex and pageFile', suffix)}`,
    );
  const usual = lookups.filter(({ unless }) => unless === undefined);
  const inFolder = lookups.filter(({ unless }) => unless !== undefined);
  return [
    {
      about: 'The file of a path. $uri is the path without its escapes.',
      from: '$pagetree_form',
      to: 'pagetree_file',
      rows: [
        ['default', no],
        ...usual.flatMap((lookup) => partsOf(lookup.form).map((form) => [form, file(lookup)] as const)),
      ],
    },
    kindMap(model),
    ...inFolder.map(
      (lookup): NginxMap => ({
        about: 'The file of a page that has pages below it.',
        from: '"$pagetree_form $pagetree_kind"',
        to: 'pagetree_file_in_folder',
        rows: [
          ['default', no],
          ...partsOf(lookup.form).map((form) => [`"${form} page"`, file(lookup)] as const),
        ],
      }),
    ),
    ...variantMaps(),
    ...headerMaps(model),
  ];
}

/** Neither weights that decide nor a grammar of its own: of such fields core gives the smallest variant, too. */
const least = '(?=.{0,1024}$)';
const brotli = '(?:[a-z-]++, ?+)*?br(?:, ?+[a-z-]++)*+$';
const coding = '[ \\t]*+[\\w*-]++(?:[ \\t]*+;[ \\t]*+q=[01](?:\\.[0-9]{0,3}+)?+)?+[ \\t]*+';
const gzip = `(?:${coding},)*?[ \\t]*+gzip(?:[ \\t]*+;[ \\t]*+q=1(?:\\.0{0,3}+)?+)?+[ \\t]*+(?:,${coding})*+$`;

function variantMaps(): NginxMap[] {
  return [
    {
      about: 'The variant that is looked for, by what the client takes: br before gzip.',
      from: '$http_accept_encoding',
      to: 'pagetree_first',
      rows: [
        ['default', no],
        [regex(`^${least}${brotli}`), '.br'],
        [caseless(`^${least}${gzip}`), '.gz'],
      ],
    },
    {
      about: 'And the one that is looked for when there is no such file.',
      from: '"$pagetree_first$http_accept_encoding"',
      to: 'pagetree_second',
      rows: [
        ['default', no],
        [caseless(`^\\.br${gzip}`), '.gz'],
      ],
    },
    {
      about: 'A 304 has no coding.',
      from: '"$status$pagetree_ending"',
      to: 'pagetree_coding',
      rows: [
        ['default', no],
        ['200.br', 'br'],
        ['206.br', 'br'],
        ['200.gz', 'gzip'],
        ['206.gz', 'gzip'],
      ],
    },
  ];
}

/** What a name says. Only pages of the usual type are in folders of their own name. */
function kindMap({ types, lookups }: Model): NginxMap {
  const usual = varies(types.fallback);
  const movable = lookups.some(({ unless }) => unless !== undefined);
  const named = (is: (type: string) => boolean): string =>
    caseless(
      `[^/]\\.(?:${[...types.extensions]
        .filter(([, type]) => is(type))
        .map(([extension]) => literal(extension))
        .join('|')})$`,
    );
  return {
    about: 'What a name says: a page, another thing with other variants than pages, or with the same.',
    from: '$uri',
    to: 'pagetree_kind',
    rows: [
      ['default', 'page'],
      ...types.prefixes.map(
        ({ prefix, value }) =>
          [
            regex(atOrBelow([withoutVariables('types', decodeURIComponent(prefix))])),
            varies(value) !== usual ? 'other' : value === html ? 'page' : 'same',
          ] as const,
      ),
      [named((type) => varies(type) !== usual), 'other'],
      ...(movable ? [[named((type) => varies(type) === usual && type !== html), 'same'] as const] : []),
    ],
  };
}

function headerMaps({ types, cacheControl }: Model): NginxMap[] {
  const usual = varies(types.fallback);
  const ruled: NginxMap[] = [
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
  ];
  return [
    ...(cacheControl.length > 0 ? ruled : []),
    {
      about: 'Types that shrink have variants.',
      from: '$pagetree_kind',
      to: 'pagetree_vary_of_kind',
      rows: [
        ['default', usual],
        ['other', usual === no ? 'Accept-Encoding' : no],
      ],
    },
    {
      about: 'Only a name with a dot can say so, or a path with a type of its own.',
      from: '$pagetree_form',
      to: 'pagetree_vary',
      rows:
        types.prefixes.length > 0
          ? [['default', '$pagetree_vary_of_kind']]
          : [
              ['default', usual],
              ['dotted', '$pagetree_vary_of_kind'],
            ],
    },
  ];
}
