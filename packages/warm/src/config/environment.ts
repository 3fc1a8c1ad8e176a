/** Options from the environment: `--must-contain` is `PAGETREE_MUST_CONTAIN`. */
import { nearest } from '../tree/suggest.ts';
import { Problems } from './problems.ts';
import { wrongValue } from './values.ts';

/** What must be known of a flag to read it. */
export interface FlagShape {
  readonly type: string;
  readonly multiple?: boolean | undefined;
}

/** Asked for elsewhere, or no options of a run. */
const notHere: ReadonlySet<string> = new Set(['help', 'version', 'cache-dir']);

const switches: Readonly<Record<string, boolean>> = {
  ...{ '1': true, true: true, yes: true, on: true },
  ...{ '0': false, false: false, no: false, off: false },
};

/** The name of an option in the environment. */
export function variableOf(flag: string): string {
  return `PAGETREE_${flag.toUpperCase().replaceAll('-', '_')}`;
}

/**
 * What the environment says of flags that the command line does not mention. An empty variable says nothing. An
 * option that may be given several times has a value a line.
 *
 * @param gathered Gathers every switch that is neither on nor off.
 * @throws {WarmError} `ERR_PAGETREE_OPTION` with those, when nobody gathers them.
 */
export function fromEnvironment(
  shapes: Readonly<Record<string, FlagShape>>,
  given: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
  gathered?: Problems,
): Record<string, string | boolean | readonly string[]> {
  const problems = gathered ?? new Problems();
  const said: Record<string, string | boolean | readonly string[]> = {};
  for (const [flag, { type, multiple }] of Object.entries(shapes)) {
    const name = variableOf(flag);
    const text = env[name];
    const onCommandLine = given[flag] !== undefined;
    if (text === undefined || text === '' || notHere.has(flag) || onCommandLine) continue;
    if (type === 'boolean') {
      const value = switches[text.toLowerCase()];
      if (value !== undefined) said[flag] = value;
      else problems.add(wrongValue(name, '1 or 0', text));
    } else {
      said[flag] = multiple === true ? text.split('\n').filter((line) => line !== '') : text;
    }
  }
  if (gathered === undefined) problems.throwIfAny();
  return said;
}

/** Variables that are no options, and mean something all the same. */
const others = ['PAGETREE_PASSWORD', 'PAGETREE_CACHE_DIR'];

/** Variables that hold what nobody else may see. */
const secrets: ReadonlySet<string> = new Set(['PAGETREE_PASSWORD', 'PAGETREE_HEADER']);

/** The environment for a program that we start: it may print all of it, and the site is asked with these, not by it. Pure. */
export function withoutSecrets(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  // Windows takes names in any case.
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secrets.has(name.toUpperCase())));
}

/** Variables that were probably meant for an option, each with the one that is nearest. Pure. */
export function mistyped(
  shapes: Readonly<Record<string, FlagShape>>,
  env: Readonly<Record<string, string | undefined>>,
): { readonly name: string; readonly meant: string }[] {
  const known = [...Object.keys(shapes).map(variableOf), ...others];
  return Object.keys(env).flatMap((name) => {
    if (!/^PAGETREE_[A-Z_]{3,40}$/.test(name) || known.includes(name)) return [];
    const meant = nearest(name, known, 2);
    return meant === undefined ? [] : [{ name, meant }];
  });
}
