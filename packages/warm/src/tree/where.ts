/** From the arguments of a command to what they name. */
import { WarmError } from '../errors.ts';
import { planPurge } from '../plan/scopes.ts';
import type { Where } from './pages.ts';

/** An argument with a `*` in it is a glob, so that it may be quoted instead of named. `/a%2Ab` is a path with a star. */
export function isGlob(argument: string): boolean {
  return argument.includes('*');
}

/** What is at and below all that a glob covers, too. */
export function withBelow(glob: string): string {
  return glob.endsWith('/') ? `${glob}**` : `${glob}{,/**}`;
}

/**
 * Where `pagetree ls` looks.
 *
 * @throws {WarmError} `ERR_PAGETREE_USAGE` for what names no page, and for paths and globs together.
 */
export function whereOf(
  args: readonly string[],
  flags: { readonly recursive: boolean; readonly glob: readonly string[] },
): Where {
  const globs = [...args.filter(isGlob), ...flags.glob];
  const paths = args.filter((argument) => !isGlob(argument));
  if (globs.length > 1 || (globs.length === 1 && paths.length > 0)) {
    throw new WarmError('ERR_PAGETREE_USAGE', 'A list takes paths, or one glob.', {
      hint: "Put several into one with braces: pagetree ls '{/blog/**,/about}'.",
    });
  }
  const [glob] = globs;
  if (glob !== undefined) return { kind: 'glob', glob: flags.recursive ? withBelow(glob) : glob };
  if (paths.length === 0) return { kind: 'everywhere' };
  const keys = paths.map((path) => planPurge(path, flags.recursive).name);
  return { kind: 'paths', keys, recursive: flags.recursive };
}
