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
 * The header fields that went out. What a wrapper of `writeHead` above us put into its own call is told by no `getHeader`, so
 * they are read from the head that Node has made (`_header`); where there is none, they are those of `effectiveHeaders`.
 */
export function sentHeaders(res: Response, args: HeadArguments = []): HeaderMap {
  const { _header: head } = res as unknown as { readonly _header?: unknown };
  if (typeof head !== 'string') return effectiveHeaders(res, args);
  const headers: Record<string, string[]> = Object.create(null);
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon === -1) continue;
    const name = line.slice(0, colon).toLowerCase();
    headers[name] ??= [];
    headers[name].push(line.slice(colon + 1).trim());
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
  const copy = [...args];
  if (!Array.isArray(fields)) {
    copy[index] = addedToObject(res, (fields ?? {}) as Readonly<Record<string, unknown>>, member);
    return copy;
  }
  const pairs = pairsOf(fields);
  const value = memberOf(
    res,
    pairs.filter(([name]) => isCacheStatus(name)).map(([, said]) => said),
    member,
  );
  if (Array.isArray(fields[0])) {
    // Node knows pairs only while no header is set: otherwise it must fail as it does without us.
    if (res.getHeaderNames().length > 0) return args;
    copy[index] = [...fields.filter(([name]) => !isCacheStatus(name)), ['Cache-Status', value]];
  } else {
    if (fields.length % 2 !== 0) return args;
    copy[index] = [...pairs.filter(([name]) => !isCacheStatus(name)).flat(), 'Cache-Status', value];
  }
  return copy;
}

/** Most heads come as an object, and every miss has one: so it is copied in one go where it says nothing of ours. */
function addedToObject(
  res: Response,
  fields: Readonly<Record<string, unknown>>,
  member: string,
): Record<string, unknown> {
  const said = Object.keys(fields).filter(isCacheStatus);
  const all = { ...fields };
  for (const name of said) delete all[name];
  all['Cache-Status'] = memberOf(
    res,
    said.map((name) => fields[name]),
    member,
  );
  return all;
}

/** Our member behind what the call says, or else behind what was set before. */
function memberOf(res: Response, said: readonly unknown[], member: string): string {
  if (said.length === 0 && !res.hasHeader('cache-status')) return member;
  const before = said.length > 0 ? said : [res.getHeader('cache-status')];
  return appendMember(before.flatMap(textOf).join(', '), member);
}

function isCacheStatus(name: unknown): boolean {
  // Few names are as long.
  return typeof name === 'string' && name.length === 12 && name.toLowerCase() === 'cache-status';
}
