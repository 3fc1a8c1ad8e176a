/**
 * The options of `cache-purge` as plain data, so that both readers of the command line know the same:
 * oclif, and the quick lane that does without it.
 */
interface PlainFlag {
  readonly type: 'boolean' | 'string';
  readonly char?: 'h' | 'n' | 'r' | 'v' | 'y';
  readonly value?: string;
  /** It may be given several times. */
  readonly multiple?: true;
  readonly summary: string;
}

export const cacheDirFlag = {
  type: 'string',
  value: 'DIR',
  summary:
    'The folder of the tree. Without it: PAGETREE_CACHE_DIR, else cacheDir of the configuration file, else ./cache if that is a tree.',
} as const satisfies PlainFlag;

export const configFlag = {
  type: 'string',
  value: 'FILE',
  summary:
    'The configuration file. Without it: PAGETREE_CONFIG, else pagetree.config.{json,js,mjs,ts}, looked for here and above.',
} as const satisfies PlainFlag;

export const jsonFlag = {
  type: 'boolean',
  summary: 'Print one JSON document to standard output, and nothing else there.',
} as const satisfies PlainFlag;

export const purgeFlags = {
  recursive: { type: 'boolean', char: 'r', summary: 'What is below each path, too.' },
  glob: {
    type: 'string',
    value: 'GLOB',
    multiple: true,
    summary:
      "Pages whose path matches: '/blog/**', '/img/*.{png,jpg}'. A quoted path with * or {a,b} in it is one, too.",
  },
  tag: { type: 'string', value: 'TAG', multiple: true, summary: 'Pages that were stored with this tag.' },
  'older-than': {
    type: 'string',
    value: 'AGE',
    summary: 'Only pages that were stored longer ago: 90s, 15m, 12h, 7d, 2w. By itself: of the whole tree.',
  },
  list: {
    type: 'string',
    value: 'FILE',
    multiple: true,
    summary: 'A file with one path or URL a line; - is standard input. Its lines are never globs.',
  },
  all: {
    type: 'boolean',
    summary:
      'Every page. Asks first on a terminal; elsewhere it needs --yes. So does whatever else names every page.',
  },
  yes: { type: 'boolean', char: 'y', summary: 'Do not ask.' },
  'dry-run': { type: 'boolean', char: 'n', summary: 'Print what would go, and remove nothing.' },
  verbose: { type: 'boolean', char: 'v', summary: 'Name every page.' },
  rewarm: {
    type: 'boolean',
    summary:
      'Fetch again what is removed. The old page stays until the new one is there; what cannot be fetched is removed.',
  },
  origin: {
    type: 'string',
    value: 'URL',
    summary:
      'With --rewarm: the site, such as http://127.0.0.1:3000. Default: origin in the group "warm" of the configuration file.',
  },
  'fail-if-missing': {
    type: 'boolean',
    summary: 'End with 3 when something that was named was not stored.',
  },
  json: jsonFlag,
  'cache-dir': cacheDirFlag,
  config: configFlag,
} as const satisfies Record<string, PlainFlag>;

/** Every switch as it is when nobody says it: oclif leaves it out. */
export const purgeSwitchesOff = Object.fromEntries(
  Object.entries(purgeFlags).flatMap(([name, { type }]) => (type === 'boolean' ? [[name, false]] : [])),
) as {
  readonly [Name in keyof typeof purgeFlags as (typeof purgeFlags)[Name]['type'] extends 'boolean'
    ? Name
    : never]: false;
};
