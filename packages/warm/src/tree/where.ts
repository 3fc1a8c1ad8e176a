/** From the arguments of a command to what they name. */
import type { PurgeScope } from '@pagetree/core';
import { WarmError } from '../errors.ts';
import { planPurge } from '../plan/scopes.ts';
import type { Where } from './pages.ts';

/**
 * An argument with a `*` or alternatives (`{a,b}`) in it is a glob, so that it may be quoted instead of named. `/a%2Ab` and
 * `/%7Ba,b%7D` are paths.
 */
export function isGlob(argument: string): boolean {
  return argument.includes('*') || (argument.startsWith('/') && /\{[^{}]*,[^{}]*\}/.test(argument));
}

/** What is at and below all that a glob covers, too. */
export function withBelow(glob: string): string {
  return glob.endsWith('/') ? `${glob}**` : `${glob}{,/**}`;
}

/**
 * Where `pagetree ls` looks: paths and globs add up.
 *
 * @throws {WarmError} `ERR_PAGETREE_USAGE` for what names no page.
 */
export function whereOf(
  args: readonly string[],
  flags: { readonly recursive: boolean; readonly glob: readonly string[] },
): Where {
  if (args.length === 0 && flags.glob.length === 0) return 'everywhere';
  const { recursive } = flags;
  const globScope = (glob: string): PurgeScope => {
    if (glob === '') throw emptyGlob();
    return { glob: recursive ? withBelow(glob) : glob };
  };
  const named = args.map((arg) => (isGlob(arg) ? globScope(arg) : planPurge(arg, recursive).scope));
  return [...named, ...flags.glob.map(globScope)];
}

function emptyGlob(): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', 'A glob to list is empty.', {
    hint: 'Is a variable of your script not set? Without any path and glob it is every page.',
  });
}
