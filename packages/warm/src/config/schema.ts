/** Judges the group `warm` of the configuration file; the rest of it is about the tree, which core judges. */
import { checkConfig } from '@pagetree/core';
import * as v from 'valibot';
import { WarmError } from '../errors.ts';
import type { SourceOptions } from '../sources/options.ts';
import { type OutputSettings, outputTable } from './output-table.ts';
import type { Setting } from './setting.ts';
import type { WarmSettings } from './settings.ts';
import { keyOf, warmTable } from './warm-table.ts';

const text = v.pipe(v.string('expected text'), v.nonEmpty('it is empty'));
const texts = v.array(text, 'expected a list of texts');
const switched = v.boolean('expected true or false');

function whole(least: number, most: number) {
  const message = `expected a whole number from ${least} to ${most}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message));
}

/** A setting of the table, checked and read as on the command line. */
function setting({ kind, read }: Setting) {
  if (kind === 'switch') return switched;
  const one = v.pipe(
    v.union([v.string(), v.number()], 'expected text or a number'),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      try {
        return read('it', dataset.value);
      } catch (error) {
        if (!(error instanceof WarmError)) throw error;
        addIssue({ message: error.message.replace(/\.$/, '') });
        return NEVER;
      }
    }),
  );
  return kind === 'texts' ? v.array(one, 'expected a list of texts') : one;
}

/** The settings of sources; what they mean together is judged when they are opened. */
const sourceEntries = {
  format: text,
  robots: switched,
  crawl: switched,
  depth: whole(0, 1000),
  include: texts,
  exclude: texts,
  assets: switched,
  ignoreRobots: switched,
  shard: text,
  maxPages: whole(1, 2 ** 40),
} satisfies Record<keyof SourceOptions, v.GenericSchema>;

const warmEntries: Record<string, v.GenericSchema> = {
  ...Object.fromEntries(
    Object.entries<Setting>({ ...warmTable, ...outputTable }).map(([flag, entry]) => [
      keyOf(flag),
      setting(entry),
    ]),
  ),
  json: switched,
  ...sourceEntries,
};

const schema = v.partial(v.object(warmEntries, 'expected an object'));

/** What a configuration file may say to `cache-warm`, in its group `warm`. */
export type WarmGroup = WarmSettings & SourceOptions & OutputSettings;

/** Checks the group and returns what is wrong with it: every unknown key and every wrong value, not the first. */
export function checkWarm(group: unknown): { values: WarmGroup } | { problems: string[] } {
  if (Array.isArray(group)) return { problems: ['warm: expected an object'] };
  const result = v.safeParse(schema, group);
  const problems = [
    ...unknownKeys(group),
    ...(result.issues ?? []).map((issue) => {
      const path = v.getDotPath(issue);
      return `warm${path === null ? '' : `.${path}`}: ${issue.message}`;
    }),
  ];
  if (problems.length > 0 || !result.success) return { problems };
  return { values: result.output as WarmGroup };
}

function unknownKeys(group: unknown): string[] {
  if (typeof group !== 'object' || group === null) return [];
  const known = Object.keys(warmEntries);
  return Object.keys(group)
    .filter((key) => !known.includes(key))
    .map((key) => {
      if (isOfTheTree(key)) return `warm.${key}: ${key} stands outside of the group warm, at the top level`;
      const same = known.find((name) => fold(name) === fold(key));
      const meant = same === undefined ? '' : `, did you mean warm.${same}?`;
      return `warm.${key}: no option has this name${meant}`;
    });
}

/** Core knows options of its own by their names. */
function isOfTheTree(key: string): boolean {
  const { problems } = checkConfig({ [key]: undefined });
  return !problems.some((problem) => problem.startsWith(`${key}: no option has this name`));
}

/** `max_time`, `max-time` and `maxtime` are all `maxTime`. */
function fold(key: string): string {
  return key.toLowerCase().replace(/[-_]/g, '');
}
