/** The options that the commands share, and those of the tree. */
import * as Flags from '@oclif/core/flags';
import { cacheDirFlag, configFlag, jsonFlag } from './purge-flags.ts';

/** A switch of the plain tables, for oclif. */
export function plainSwitch(flag: { readonly char?: 'n' | 'r' | 'v' | 'y'; readonly summary: string }) {
  const { char, summary } = flag;
  return Flags.boolean({ summary, ...(char === undefined ? {} : { char }) });
}

/** An option of the plain tables that may be given several times, for oclif. */
export function plainTexts(flag: { readonly value: string; readonly summary: string }) {
  const { value, summary } = flag;
  return Flags.string({ helpValue: value, summary, multiple: true, multipleNonGreedy: true });
}

export const commonFlags = {
  'cache-dir': Flags.string({ helpValue: cacheDirFlag.value, summary: cacheDirFlag.summary }),
  config: Flags.string({ helpValue: configFlag.value, summary: configFlag.summary }),
  json: plainSwitch(jsonFlag),
  version: Flags.version({ description: 'Print the version.' }),
  help: Flags.help({ char: 'h', description: 'Print this help.' }),
};

const helpGroup = 'tree';

/** What decides about names and types. Texts and numbers are checked by core, which knows the rules. */
export const treeFlags = {
  layout: Flags.string({ helpGroup, helpValue: 'NAME', summary: 'mirror, html or index.' }),
  'directory-index': Flags.string({
    helpGroup,
    helpValue: 'NAME',
    summary: 'The file of a path that ends in a slash.',
  }),
  'page-file': Flags.string({
    helpGroup,
    helpValue: 'NAME',
    summary: 'The file of a page whose folder exists too.',
  }),
  'trailing-slash': Flags.string({
    helpGroup,
    helpValue: 'WHICH',
    summary: 'Layout index: always or never.',
  }),
  fidelity: Flags.string({
    helpGroup,
    helpValue: 'HOW',
    summary:
      'loose or strict: whether pages with headers of their own are kept for the middleware alone. Default loose.',
  }),
  'content-type': Flags.string({
    helpGroup,
    helpValue: 'TYPE',
    summary: 'The media type of pages whose name says nothing else.',
  }),
  type: Flags.string({
    helpGroup,
    helpValue: 'WHAT=TYPE',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'A media type by extension (.webfont=font/woff2) or path prefix (/feed=application/rss+xml).',
  }),
  'cache-control': Flags.string({
    helpGroup,
    helpValue: 'PREFIX=VALUE',
    multiple: true,
    multipleNonGreedy: true,
    summary:
      "Cache-Control for browsers by path prefix ('/assets=public, max-age=3600'). Default what the application said, else no-cache. May be given several times.",
  }),
};

const ruleGroup = 'rule';

/** What decides which pages are stored, and how. */
export const ruleFlags = {
  'cache-paths': Flags.string({
    helpGroup: ruleGroup,
    helpValue: 'PREFIX',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'Store only what is at or below this path. May be given several times.',
  }),
  'exclude-paths': Flags.string({
    helpGroup: ruleGroup,
    helpValue: 'PREFIX',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'Store nothing at or below this path. May be given several times.',
  }),
  hosts: Flags.string({
    helpGroup: ruleGroup,
    helpValue: 'NAME',
    multiple: true,
    multipleNonGreedy: true,
    summary:
      'A name of this site (example.org): nothing is stored under another. Default any one name. May be given several times.',
  }),
  'max-page-size': Flags.string({
    helpGroup: ruleGroup,
    helpValue: 'BYTES',
    summary: 'The largest page that is stored: 65536, 512k, 16M. Default 16M.',
  }),
  'max-entries': Flags.string({
    helpGroup: ruleGroup,
    helpValue: 'N',
    summary:
      'The most pages that the tree may have; processes that store in the same second may go beyond by a tenth. Default unbounded.',
  }),
  'max-bytes': Flags.string({
    helpGroup: ruleGroup,
    helpValue: 'BYTES',
    summary:
      'The most bytes that all pages may have together, variants not counted: 512M, 4G. Default unbounded.',
  }),
  'when-full': Flags.string({
    helpGroup: ruleGroup,
    helpValue: 'HOW',
    summary:
      'refuse: nothing more is stored. evict: the pages that were stored longest ago go. Default refuse.',
  }),
  durability: Flags.string({
    helpGroup: ruleGroup,
    helpValue: 'HOW',
    summary: 'full: pages survive a power cut. none: faster. Default full.',
  }),
  variants: Flags.string({
    helpGroup: ruleGroup,
    helpValue: 'LIST',
    summary:
      'Compressed files beside each page: gzip,br or gzip,br,zstd or none. Default gzip,br. A page that is stored already keeps those that it has.',
  }),
  compression: Flags.string({
    helpGroup: ruleGroup,
    helpValue: 'HOW',
    summary: 'fast: cheap variants. best: the smallest. Default best.',
  }),
  'private-pages': Flags.boolean({
    helpGroup: ruleGroup,
    allowNo: true,
    summary:
      'Store what a web server in front could not serve as it is, for the middleware alone. Default only in a tree with fidelity strict.',
  }),
  'file-mode': Flags.string({
    helpGroup: ruleGroup,
    helpValue: 'MODE',
    summary: 'The mode of pages, in octal. Default 0644.',
  }),
  'dir-mode': Flags.string({
    helpGroup: ruleGroup,
    helpValue: 'MODE',
    summary: 'The mode of folders, in octal. Default 0755.',
  }),
  'fill-timeout': Flags.string({
    helpGroup: ruleGroup,
    helpValue: 'SECONDS',
    summary:
      'After how many seconds others may take over a page that is not complete, 1 to 86400. Default 60, and longer than --timeout.',
  }),
  adopt: Flags.boolean({
    allowNo: true,
    helpGroup: ruleGroup,
    summary: 'Take a folder that already has files in it as the tree.',
  }),
};
