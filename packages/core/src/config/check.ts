/** Judges what a configuration file says: all of it, so that a person mends it in one go. */
import { PagetreeError } from '../errors.ts';
import { type CacheOptions, optionNames } from '../options.ts';
import { resolveOptions } from '../resolve-options.ts';

/** What a configuration file may say of the cache: all options but those that a program sets for itself. */
export type ConfigOptions = Partial<Omit<CacheOptions, 'by' | 'io'>>;

/** Judges the part of the file that belongs to one program: what is wrong with it, a sentence each. */
export type SectionCheck = (value: unknown) => readonly string[];

/** A file that was judged. */
export interface Checked {
  readonly options: ConfigOptions;
  /** Every unknown name and every wrong value, a sentence each; none when the file is right. */
  readonly problems: readonly string[];
}

/** What a program says of itself, and a file that all programs read can't know. */
const own: readonly string[] = ['by', 'io'];

/**
 * Judges the content of a configuration file by the same rules as `createPageCache`.
 *
 * @param sections the names that belong to programs (`warm`), and who judges them.
 */
export function checkConfig(
  content: unknown,
  sections: Readonly<Record<string, SectionCheck>> = {},
): Checked {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return { options: {}, problems: [`expected an object with options, but got ${kindOf(content)}`] };
  }
  const options: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, value] of Object.entries(content)) {
    const section = Object.hasOwn(sections, name) ? sections[name] : undefined;
    if (section) problems.push(...section(value));
    else if (!isOption(name)) problems.push(unknownName(name, Object.keys(sections)));
    else options[name] = name === 'fileMode' || name === 'dirMode' ? modeOf(value) : value;
  }
  problems.push(...faultsOf(options));
  return { options: options as ConfigOptions, problems };
}

/** Takes out what is wrong, one option after the other, until the rest can be used. */
function faultsOf(options: Readonly<Record<string, unknown>>): string[] {
  const rest: Record<string, unknown> = { ...options };
  const faults: string[] = [];
  for (;;) {
    try {
      resolveOptions({ cacheDir: '.', ...rest });
      return faults;
    } catch (error) {
      if (!(error instanceof PagetreeError)) throw error;
      faults.push(error.message.replace(/\.$/, ''));
      const named = /^\w+/.exec(error.message)?.[0] ?? '';
      // It contradicts a default: what else is wrong can't be told before that is mended.
      if (!Object.hasOwn(rest, named)) return faults;
      delete rest[named];
    }
  }
}

function isOption(name: string): boolean {
  return Object.hasOwn(optionNames, name) && !own.includes(name);
}

function unknownName(name: string, sections: readonly string[]): string {
  const names = [...Object.keys(optionNames).filter(isOption), ...sections];
  const same = names.find((known) => fold(known) === fold(name));
  return `${name}: no option has this name${same === undefined ? '' : `, did you mean ${same}?`}`;
}

/** `cache_dir`, `cache-dir` and `cachedir` are all `cacheDir`. */
function fold(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

/** JSON has no octal numbers, so a mode may be text: `"0644"`. */
function modeOf(value: unknown): unknown {
  return typeof value === 'string' && /^0?[0-7]{3}$/.test(value) ? Number.parseInt(value, 8) : value;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
