/** Where a redirect leads, judged before anything is asked. */
import { isOwn, type Origin } from '../plan/origin.ts';
import { withoutPasswordOf } from '../report/printable.ts';

/**
 * The request target of a `Location` (RFC 9110, 10.2.2), when it is on the same site, under its address or its
 * other name.
 */
export function redirectTarget(
  location: string,
  target: string,
  origin: Origin,
): { readonly target: string } | { readonly problem: string; readonly leadsElsewhere?: true } {
  let url: URL;
  try {
    url = new URL(location, origin.href + target);
  } catch {
    return { problem: `points to "${withoutPasswordOf(location)}", which is no address` };
  }
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  if (!isWeb || !isOwn({ href: url.origin, host: url.host }, origin)) {
    const problem = `points to ${isWeb ? url.origin : url.protocol}, which is not ${origin.href}`;
    return { problem, leadsElsewhere: true };
  }
  return { target: url.pathname + url.search };
}
