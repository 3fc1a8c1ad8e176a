/**
 * The head of a response as `writeHead` is about to send it, in every form that Node accepts, and the same
 * call with one more field. It only reads: what is set, is set by the caller.
 */
import type { HeaderMap } from '@pagetree/core';
import { appendMember } from '../cache-status.ts';
import type { Response } from './types.ts';

/** The arguments of one `writeHead`, as the application passed them. */
export type HeadArguments = readonly unknown[];

type Pair = readonly [name: unknown, value: unknown];

/** Where `writeHead(status[, reason][, fields])` has its fields: the reason is told by its type alone. */
function fieldsIndex(args: HeadArguments): number {
  return typeof args[1] === 'string' || args[2] != null ? 2 : 1;
}

/** What the fields of a call say, in order: an object, a flat array, or an array of pairs. */
function pairsOf(fields: unknown): Pair[] {
  if (!Array.isArray(fields)) return fields == null ? [] : Object.entries(fields);
  if (Array.isArray(fields[0])) return fields.map((pair): Pair => [pair[0], pair[1]]);
  const pairs: Pair[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) pairs.push([fields[at], fields[at + 1]]);
  return pairs;
}

/** A value as the wire has it: numbers become text, lists stay lists. */
function textOf(value: unknown): string | string[] {
  return Array.isArray(value) ? value.map(String) : String(value);
}

/**
 * The header fields that the client will get: those set before, overridden by those of the call. A name that
 * comes twice in a call keeps both values, so that a rule sees each of them.
 */
export function effectiveHeaders(res: Response, args: HeadArguments = []): HeaderMap {
  const headers: Record<string, string | string[]> = Object.create(null);
  for (const name of res.getHeaderNames()) headers[name] = textOf(res.getHeader(name));
  const seen = new Set<string>();
  for (const [name, value] of pairsOf(args[fieldsIndex(args)])) {
    if (!name || value === undefined) continue;
    const field = String(name).toLowerCase();
    const text = textOf(value);
    const before = headers[field];
    headers[field] = seen.has(field) && before !== undefined ? [before, text].flat() : text;
    seen.add(field);
  }
  return headers;
}

/**
 * The same call with our member of `Cache-Status`, and never in another form than the application's: Node
 * sends repeated names, answers `getHeader` and reports mistakes differently for each form.
 */
export function withCacheStatus(res: Response, args: HeadArguments, member: string): HeadArguments {
  const index = fieldsIndex(args);
  const fields = args[index];
  const pairs = pairsOf(fields);
  const own = pairs.filter(([name]) => isCacheStatus(name)).map(([, value]) => textOf(value));
  const before = own.length > 0 ? own : [res.getHeader('cache-status') ?? []].map(textOf);
  const value = appendMember(before.flat().join(', '), member);
  const copy = [...args];
  if (!Array.isArray(fields)) {
    const others = Object.entries(fields ?? {}).filter(([name]) => !isCacheStatus(name));
    copy[index] = { ...Object.fromEntries(others), 'Cache-Status': value };
  } else if (Array.isArray(fields[0])) {
    // Node knows pairs only while no header is set: otherwise it must fail as it does without us.
    if (res.getHeaderNames().length > 0) return args;
    copy[index] = [...fields.filter(([name]) => !isCacheStatus(name)), ['Cache-Status', value]];
  } else {
    if (fields.length % 2 !== 0) return args;
    copy[index] = [...pairs.filter(([name]) => !isCacheStatus(name)).flat(), 'Cache-Status', value];
  }
  return copy;
}

function isCacheStatus(name: unknown): boolean {
  return typeof name === 'string' && name.toLowerCase() === 'cache-status';
}
