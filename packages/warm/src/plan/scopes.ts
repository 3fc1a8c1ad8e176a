import { explain, type PurgeScope, parseTarget, spell } from '@pagetree/core';
import { WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';
import { splitUrl } from './origin.ts';

/** One thing to purge, and how it is called in what is printed. */
export interface PlannedPurge {
  readonly name: string;
  readonly scope: PurgeScope;
  /** It would empty the tree. */
  readonly everything: boolean;
}

/** The purge of a whole tree. */
export const purgeEverything: PlannedPurge = { name: 'everything', scope: { all: true }, everything: true };

/**
 * What an argument of `cache-purge` stands for: a path in any spelling, or an absolute URL.
 *
 * @throws {WarmError} `ERR_PAGETREE_USAGE` says why no page can have that path.
 */
export function planPurge(text: string, recursive: boolean): PlannedPurge {
  const path = pathOf(text);
  const key = spell(path);
  const target = key === undefined ? undefined : parseTarget(key);
  if (target?.kind !== 'target') throw noSuchPage(path, target?.reason);
  return {
    name: target.key,
    scope: { path: target.key, recursive },
    everything: recursive && target.key === '/',
  };
}

function pathOf(text: string): string {
  if (text.startsWith('/')) return text;
  const url = splitUrl(text);
  if (url !== undefined) return url.target;
  if (text === '') {
    throw new WarmError('ERR_PAGETREE_USAGE', 'A path to purge is empty.', {
      hint: 'Is a variable of your script not set? The front page is /, everything is --all.',
    });
  }
  throw new WarmError('ERR_PAGETREE_USAGE', `"${printable(text)}" is neither a path nor a URL.`, {
    hint: /^[a-z][a-z\d+.-]*:\/\//i.test(text)
      ? 'A URL of a page starts with http:// or https:// and a host.'
      : `A path starts with a slash: /${printable(text)}`,
  });
}

function noSuchPage(path: string, reason?: Parameters<typeof explain>[0]): WarmError {
  const target = parseTarget(path);
  const why = reason ?? (target.kind === 'bypass' ? target.reason : undefined);
  if (why === undefined) {
    return new WarmError('ERR_PAGETREE_USAGE', `No page can have the path "${printable(path)}".`);
  }
  const { what, fix } = explain(why);
  return new WarmError('ERR_PAGETREE_USAGE', `No page can have the path "${printable(path)}": ${what}`, {
    hint: fix,
  });
}
