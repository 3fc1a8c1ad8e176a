/** The options of `cache-warm`: those of the table, and how a run is told. */
import * as Flags from '@oclif/core/flags';
import type { FlagInput } from '@oclif/core/interfaces';
import type { Setting } from '../config/setting.ts';
import { warmTable } from '../config/warm-table.ts';

function toFlag({ kind, group, char, value, summary }: Setting) {
  const about = {
    summary,
    ...(group === undefined ? {} : { helpGroup: group }),
    ...(char === undefined ? {} : { char }),
  };
  if (kind === 'switch') return Flags.boolean(about);
  const text = { ...about, helpValue: value ?? 'TEXT' };
  return kind === 'texts'
    ? Flags.string({ ...text, multiple: true, multipleNonGreedy: true })
    : Flags.string(text);
}

/** The settings of the table, for oclif. */
export const settingFlags: FlagInput = Object.fromEntries(
  Object.entries(warmTable).map(([name, setting]) => [name, toFlag(setting)]),
);

const helpGroup = 'output';

/** How a run is told. */
export const outputFlags = {
  'dry-run': Flags.boolean({
    char: 'n',
    helpGroup,
    summary: 'Say which pages would be fetched; ask for nothing but sitemaps and feeds, and change nothing.',
  }),
  report: Flags.string({
    helpGroup,
    helpValue: 'FILE',
    summary:
      'Write every URL that was not stored, and why: one JSON object a line, or an array for FILE.json.',
  }),
  failed: Flags.string({
    helpGroup,
    helpValue: 'FILE',
    summary: 'Write the URLs that were not stored, one a line: a list for the next run.',
  }),
  changes: Flags.string({
    helpGroup,
    helpValue: 'FILE',
    summary: 'Write what is new, changed, same and gone in the tree: one JSON object a line.',
  }),
  quiet: Flags.boolean({
    char: 'q',
    helpGroup,
    summary: 'No progress and no list of what went wrong.',
    exclusive: ['verbose'],
  }),
  verbose: Flags.boolean({ char: 'v', helpGroup, summary: 'Name every URL and what became of it.' }),
};
