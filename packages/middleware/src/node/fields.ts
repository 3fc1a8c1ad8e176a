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
  const values = new Map<string, string[]>();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const [name, list] of values) {
    if (name === 'Vary') addToVary(res, list[0]!);
    else res.setHeader(name, list.length === 1 ? list[0]! : list);
  }
  const member = cacheStatus({ kind: 'hit' });
  res.setHeader('Cache-Status', appendMember(textOf(res.getHeader('cache-status')), member));
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
