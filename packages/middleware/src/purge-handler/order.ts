/** From the JSON that a client sent to the scopes it wants purged. */
import { faultOfScope, type PurgeScope } from '@pagetree/core';

/** What a client asks for. */
export interface PurgeOrder {
  readonly scopes: readonly PurgeScope[];
  /** Count and tell, remove nothing. */
  readonly dryRun: boolean;
  /** Name the pages too, not only their number. */
  readonly list: boolean;
}

/** The most scopes of one request. */
export const MOST_SCOPES = 1000;

/**
 * Reads an order: one scope with `dryRun` and `list` beside it, or many as `scopes`. The answer is a sentence when
 * something is wrong: a word that is not understood must not make a purge wider or narrower than it was meant.
 *
 * @example
 * readOrder({ path: '/blog', recursive: true, dryRun: true })
 * readOrder({ scopes: [{ path: '/blog/a' }, { tag: 'post-42' }] })
 */
export function readOrder(value: unknown): PurgeOrder | string {
  if (!isObject(value)) return 'expected an object such as {"path": "/blog/post"}';
  const { dryRun = false, list = false, scopes, ...scope } = value;
  if (typeof dryRun !== 'boolean') return 'dryRun: expected true or false';
  if (typeof list !== 'boolean') return 'list: expected true or false';
  if (scopes === undefined) {
    const fault = faultOfScope(scope);
    return fault ?? { scopes: [scope as unknown as PurgeScope], dryRun, list };
  }
  if (Object.keys(scope).length > 0)
    return `${JSON.stringify(Object.keys(scope)[0]!.slice(0, 40))}: not beside scopes`;
  if (!Array.isArray(scopes) || scopes.length === 0 || scopes.length > MOST_SCOPES) {
    return `scopes: expected a list of 1 to ${MOST_SCOPES} scopes`;
  }
  for (const [at, one] of scopes.entries()) {
    const fault = faultOfScope(one);
    if (fault !== undefined) return `scopes[${at}]: ${fault}`;
  }
  return { scopes, dryRun, list };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
