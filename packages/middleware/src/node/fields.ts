/** Writes the head of a hit, beside what middleware above us has set already. */
import { ServerResponse } from 'node:http';
import type { Fields } from '../answer/plan.ts';
import { flatten } from '../answer/ready.ts';
import { appendMember, cacheStatus } from '../cache-status.ts';
import type { Response } from './types.ts';

/**
 * Writes status and fields. Those of the page replace what was set before; lists are added to.
 *
 * @param flat the same fields and our `Cache-Status` as one list, where somebody has it ready.
 */
export function writeFields(res: Response, status: number, fields: Fields, flat?: readonly string[]): void {
  // One flat array is the fastest way. Wrappers of `writeHead` do not all read it rightly: theirs is the slow one.
  if (res.writeHead === ServerResponse.prototype.writeHead && res.getHeaderNames().length === 0) {
    res.writeHead(status, (flat ?? flatten(fields)) as string[]);
    return;
  }
  setFields(res, fields);
  res.writeHead(status);
}

/** Sets fields on a response that others may set more on before it is sent. */
export function setFields(res: Response, fields: Fields): void {
  if (areDistinct(fields)) {
    for (const [name, value] of fields) setField(res, name, value);
  } else {
    const values = new Map<string, string[]>();
    for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
    for (const [name, list] of values) setField(res, name, list.length === 1 ? list[0]! : list);
  }
  const member = cacheStatus({ kind: 'hit' });
  const said = res.hasHeader('cache-status') ? textOf(res.getHeader('cache-status')) : undefined;
  res.setHeader('Cache-Status', appendMember(said, member));
}

function setField(res: Response, name: string, value: string | string[]): void {
  if (name === 'Vary' && res.hasHeader('vary')) addToVary(res, textOf(value));
  else res.setHeader(name, value);
}

/** Whether no name comes twice. Nearly always; a loop over a dozen names takes less than a table of them. */
function areDistinct(fields: Fields): boolean {
  for (let at = 1; at < fields.length; at += 1) {
    const name = fields[at]![0];
    for (let before = 0; before < at; before += 1) if (fields[before]![0] === name) return false;
  }
  return true;
}

/** `Vary: Origin` of a middleware above us stays true. */
function addToVary(res: Response, name: string): void {
  const before = textOf(res.getHeader('vary'));
  const names = before.split(',').map((one) => one.trim().toLowerCase());
  if (names.includes('*') || names.includes(name.toLowerCase())) return;
  res.setHeader('Vary', before === '' ? name : `${before}, ${name}`);
}

function textOf(value: number | string | readonly string[] | undefined): string {
  return [value ?? []].flat().join(', ');
}
