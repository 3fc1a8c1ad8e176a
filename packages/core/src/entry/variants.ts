/** Which variant of a page a client gets (RFC 9110, 12.5.3). */
import Negotiator from 'negotiator';
import type { Coding } from '../contracts.ts';

/** What breaks ties: the smallest first. */
const preferred: readonly (Coding | 'identity')[] = ['br', 'zstd', 'gzip', 'identity'];

const identityOnly: readonly ['identity'] = ['identity'];

const maxLength = 1024;
const weightless = /^[a-z-]+(?:, ?[a-z-]+)*$/;
const weighted =
  /^[ \t]*[\w*-]+(?:[ \t]*;[ \t]*[qQ]=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?[ \t]*(?:,[ \t]*[\w*-]+(?:[ \t]*;[ \t]*[qQ]=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?[ \t]*)*$/;

/**
 * The codings to try, the best one first. The list always has `identity` in it, at the end when the client
 * does not want it: a page that cannot be read in another way is better than none, and nginx answers so too.
 * A field that does not follow the grammar means `identity`.
 *
 * @param available the codings that there may be variants in.
 */
export function chooseCoding(
  acceptEncoding: string | undefined,
  available: readonly Coding[],
): readonly (Coding | 'identity')[] {
  if (acceptEncoding === undefined || available.length === 0) return identityOnly;
  if (acceptEncoding.length > maxLength) return identityOnly;
  // Browsers send names without weights: then the order is the server's.
  if (weightless.test(acceptEncoding)) {
    const named = acceptEncoding.split(/, ?/);
    return preferred.filter(
      (coding) => coding === 'identity' || (available.includes(coding) && named.includes(coding)),
    );
  }
  if (!weighted.test(acceptEncoding)) return identityOnly;
  const negotiator: WithPreference = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } });
  const chosen = negotiator.encodings([...available, 'identity'], { preferred });
  return (chosen.includes('identity') ? chosen : [...chosen, 'identity']) as (Coding | 'identity')[];
}

/** The published types of negotiator do not know yet that ties can be decided. */
interface WithPreference {
  encodings(available: readonly string[], options?: { readonly preferred: readonly string[] }): string[];
}
