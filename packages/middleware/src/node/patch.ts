/** Replaces a method of one response, and of no other. */
import type { Response } from './types.ts';

/** A method of a response, seen as what it is to a wrapper: arguments in, something out. */
export type Method = (this: Response, ...args: unknown[]) => unknown;

/**
 * Wraps a method on this instance. The wrapper gets the one that was there, which may be somebody else's
 * wrapper: middleware above us wrapped it first, middleware below us will wrap ours.
 */
export function wrap(
  res: Response,
  name: 'writeHead' | 'write' | 'end' | 'addTrailers',
  wrapper: (original: Method) => Method,
): void {
  const original = (res as unknown as Record<string, Method>)[name] as Method;
  (res as unknown as Record<string, Method>)[name] = wrapper(original);
}
