/** From the JSON that a client sent to the scopes it wants purged. */
import type { PurgeScope } from '@pagetree/core';

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

type Rule = readonly [isRight: (value: unknown) => boolean, expected: string];

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const truth: Rule = [(value) => typeof value === 'boolean', 'true or false'];

/** What each name may say. */
const rules: Readonly<Record<string, Rule>> = {
  path: [isText, 'the path of a page'],
  recursive: truth,
  glob: [isText, 'a pattern of paths'],
  tag: [isText, 'a tag'],
  olderThan: [(value) => typeof value === 'number' && Number.isFinite(value) && value >= 0, 'seconds from 0'],
  all: [(value) => value === true, 'true'],
};

const kinds = ['path', 'glob', 'tag', 'olderThan', 'all'];

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
    const fault = faultOf(scope);
    return fault ?? { scopes: [scope as unknown as PurgeScope], dryRun, list };
  }
  if (Object.keys(scope).length > 0) return `${named(Object.keys(scope)[0]!)}: not beside scopes`;
  if (!Array.isArray(scopes) || scopes.length === 0 || scopes.length > MOST_SCOPES) {
    return `scopes: expected a list of 1 to ${MOST_SCOPES} scopes`;
  }
  for (const [at, one] of scopes.entries()) {
    const fault = isObject(one) ? faultOf(one) : 'expected an object';
    if (fault !== undefined) return `scopes[${at}]: ${fault}`;
  }
  return { scopes, dryRun, list };
}

function faultOf(scope: Readonly<Record<string, unknown>>): string | undefined {
  for (const [name, value] of Object.entries(scope)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) return `${named(name)}: unknown name`;
    if (!rule[0](value)) return `${name}: expected ${rule[1]}`;
  }
  const said = kinds.filter((kind) => kind in scope);
  if (said.length !== 1) return `expected exactly one of ${kinds.join(', ')}`;
  return 'recursive' in scope && said[0] !== 'path' ? 'recursive: only beside path' : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A name that a client made up, short and in quotes. */
function named(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}...` : name);
}
