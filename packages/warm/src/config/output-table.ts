/** How a run of `cache-warm` is told: in the configuration file, in the environment and as flags, like the other settings. */
import { extname } from 'node:path';
import { checkOutputNames, type OutputName } from './output-names.ts';
import { Problems } from './problems.ts';
import { file, plain, type Setting } from './setting.ts';
import { wrongValue } from './values.ts';

/** How a run is told. Programs hear of it by the hooks of `warm` instead. */
export interface OutputSettings {
  /** Say which pages would be fetched, and change nothing. @default false */
  readonly dryRun?: boolean;
  /** Files with what was not stored, or the whole run, in the form that their names end with. @default [] */
  readonly report?: readonly string[];
  /** The file for the URLs that were not stored. */
  readonly failed?: string;
  /** The file for how the tree changed. */
  readonly changes?: string;
  /** No progress and no list of what went wrong. @default false */
  readonly quiet?: boolean;
  /** Name every URL. @default false */
  readonly verbose?: boolean;
  /** One JSON document on standard output. @default false */
  readonly json?: boolean;
  /** Annotations and a summary in GitHub Actions. @default true */
  readonly github?: boolean;
}

/** What a report may be, by how the name of its file ends. */
export const reportForms: Readonly<Record<string, 'document' | 'lines' | 'junit' | 'html'>> = {
  ...{ '.json': 'document', '.ndjson': 'lines', '.jsonl': 'lines' },
  ...{ '.xml': 'junit', '.html': 'html', '.htm': 'html' },
};

function reportFile(label: string, value: string | number): string {
  const name = String(value);
  if (extname(name).toLowerCase() in reportForms) return name;
  const endings = Object.keys(reportForms).join(', ');
  throw wrongValue(label, `a file whose name ends in one of ${endings}`, name);
}

/** By the name of the flag. `json` is a flag of every command, and stands there. */
export const outputTable = {
  'dry-run': {
    ...plain,
    char: 'n',
    summary: 'Say which pages would be fetched; ask for nothing but sitemaps and feeds, and change nothing.',
  },
  report: {
    kind: 'texts',
    value: 'FILE',
    summary:
      'Write a report: FILE.html for people, with plots; FILE.xml for CI, as JUnit; FILE.json for programs, with all figures and every URL that was not stored, and why; FILE.ndjson with those URLs alone, one object a line. May be given several times.',
    read: reportFile,
  },
  failed: { ...file, summary: 'Write the URLs that were not stored, one a line: a list for the next run.' },
  changes: {
    ...file,
    summary: 'Write what is new, changed, same and gone in the tree: one JSON object a line.',
  },
  quiet: { ...plain, char: 'q', summary: 'No progress and no list of what went wrong.' },
  verbose: { ...plain, char: 'v', summary: 'Name every URL and what became of it.' },
  github: {
    ...plain,
    summary:
      'In GitHub Actions: annotations, and a summary of the step. The default; --no-github leaves them out.',
  },
} as const satisfies Record<string, Setting>;

/** The names of all of them in the configuration file. */
export const outputKeys = [
  ...(['dryRun', 'report', 'failed', 'changes', 'quiet', 'verbose', 'json', 'github'] as const),
] satisfies readonly (keyof OutputSettings)[];

/** One place where settings can stand, and how they are called there. */
export interface OutputLevel {
  readonly said: Readonly<Record<string, unknown>>;
  /** @example label('dryRun') === '--dry-run' */
  readonly label: (key: string) => string;
}

/**
 * Brings together what each place says, the weakest first.
 *
 * @throws {WarmError} `ERR_PAGETREE_OPTION` for a report of no known form, for one place that says `quiet` and `verbose`, and for
 * one file that two settings name.
 */
export function outputSettings(levels: readonly OutputLevel[]): OutputSettings {
  const problems = new Problems();
  let settings: OutputSettings = {};
  const names: Record<string, readonly OutputName[]> = {};
  for (const { said, label } of levels) {
    const here: OutputSettings = Object.fromEntries(
      outputKeys.flatMap((key) => (said[key] === undefined ? [] : [[key, said[key]]])),
    );
    if (here.quiet && here.verbose) {
      problems.gather(() => {
        throw wrongValue(label('quiet'), `left out with ${label('verbose')}`, 'true');
      });
    }
    for (const name of here.report ?? []) problems.gather(() => reportFile(label('report'), name));
    for (const key of ['report', 'failed', 'changes'] as const)
      if (here[key] !== undefined)
        names[key] = [here[key]].flat().map((name) => ({ label: label(key), name }));
    // The two are one choice: who says one takes the other back.
    const { quiet = here.verbose ? false : undefined, verbose = here.quiet ? false : undefined } = here;
    settings = {
      ...settings,
      ...here,
      ...(quiet === undefined ? {} : { quiet }),
      ...(verbose === undefined ? {} : { verbose }),
    };
  }
  checkOutputNames(Object.values(names).flat(), problems);
  problems.throwIfAny();
  return settings;
}
