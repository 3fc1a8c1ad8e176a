/** What a program says to `warm` beside the settings of the table and the options of the tree; the command line cannot get these wrong. */
import { inspect } from 'node:util';
import type { SourceOptions } from '../sources/options.ts';
import type { WarmOptions } from '../warm.ts';
import type { Problems } from './problems.ts';
import type { WarmSettings } from './settings.ts';
import { wrongValue } from './values.ts';

type RunOption = Exclude<keyof WarmOptions, keyof WarmSettings>;

interface Kind {
  readonly expected: string;
  readonly is: (value: unknown) => boolean;
}

const text: Kind = { expected: 'text', is: isText };
const texts: Kind = {
  expected: 'a list of texts',
  is: (value) => Array.isArray(value) && value.every(isText),
};
const switched: Kind = { expected: 'true or false', is: (value) => typeof value === 'boolean' };
const called: Kind = { expected: 'a function', is: (value) => typeof value === 'function' };
const urls: Kind = {
  expected: 'a list of texts, or something else that gives one text after the other',
  is: (value) => (Array.isArray(value) ? value.every(isText) : isObject(value) && isIterable(value)),
};

const kinds: Readonly<Partial<Record<RunOption, Kind>>> = {
  ...{ lists: texts, urls, dryRun: switched, anew: switched },
  signal: { expected: 'an AbortSignal', is: (value) => value instanceof AbortSignal },
  drain: {
    expected: 'a number of seconds, 0 or more',
    is: (value) => typeof value === 'number' && value >= 0 && value * 1000 < 2 ** 31,
  },
  ...{ onResult: called, onListed: called, onGone: called, onVerified: called, onNotice: called },
};

const sourceKinds: Readonly<Partial<Record<keyof SourceOptions, Kind>>> = {
  ...{ format: text, shard: text, include: texts, exclude: texts },
  ...{ robots: switched, crawl: switched, assets: switched, ignoreRobots: switched },
};

/** @param problems Gathers every option of a run that is not of its kind. */
export function checkRunOptions(options: object, problems: Problems): void {
  wrongOnes(options, kinds, problems);
}

/**
 * The options of sources that are of their kind.
 *
 * @param problems Gathers the others.
 */
export function checkSourceKinds(options: SourceOptions, problems: Problems): SourceOptions {
  const wrong = wrongOnes(options, sourceKinds, problems);
  return Object.fromEntries(Object.entries(options).filter(([key]) => !wrong.has(key)));
}

/** The text of the URL that a program gives. @throws {WarmError} for anything else. */
export function urlText(value: unknown, number: number): string {
  if (isText(value)) return value;
  throw wrongValue('urls', 'texts, such as /about', `${inspect(value, shortly)}, number ${number} of them`);
}

function wrongOnes(
  options: object,
  kinds: Readonly<Record<string, Kind>>,
  problems: Problems,
): ReadonlySet<string> {
  const wrong = Object.entries(options).filter(
    ([key, value]) => value !== undefined && Object.hasOwn(kinds, key) && !kinds[key]!.is(value),
  );
  for (const [key, value] of wrong) {
    const came = typeof value === 'string' ? value : inspect(value, shortly);
    problems.add(wrongValue(key, kinds[key]!.expected, came));
  }
  return new Set(wrong.map(([key]) => key));
}

const shortly = { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 3 } as const;

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isIterable(value: object): boolean {
  return Symbol.iterator in value || Symbol.asyncIterator in value;
}
