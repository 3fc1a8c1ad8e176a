/** The options of `cache-warm`: those of the table, and how a run is told. */
import * as Flags from '@oclif/core/flags';
import type { FlagInput } from '@oclif/core/interfaces';
import { outputTable } from '../config/output-table.ts';
import type { Setting } from '../config/setting.ts';
import { warmTable } from '../config/warm-table.ts';

function toFlag({ kind, group, char, value, summary }: Setting) {
  const about = {
    summary,
    ...(group === undefined ? {} : { helpGroup: group }),
    ...(char === undefined ? {} : { char }),
  };
  // A no on the command line is stronger than a yes elsewhere.
  if (kind === 'switch') return Flags.boolean({ ...about, allowNo: true });
  const text = { ...about, helpValue: value ?? 'TEXT' };
  return kind === 'texts'
    ? Flags.string({ ...text, multiple: true, multipleNonGreedy: true })
    : Flags.string(text);
}

/** The settings of the table, for oclif. */
export const settingFlags: FlagInput = Object.fromEntries(
  Object.entries(warmTable).map(([name, setting]) => [name, toFlag(setting)]),
);

/** How a run is told. */
export const outputFlags: FlagInput = Object.fromEntries(
  Object.entries<Setting>(outputTable).map(([name, setting]) => [
    name,
    toFlag({ ...setting, group: 'output' }),
  ]),
);
