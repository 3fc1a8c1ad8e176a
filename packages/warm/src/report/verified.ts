import type { Verified } from '../verify-front/verify.ts';
import { count, plural } from './numbers.ts';
import { printable } from './printable.ts';

/** What a server in front of the tree was found to do, for people. */
export function verifiedText({ server, pages, differ, unused, complete, failure }: Verified): string[] {
  // It is told with what else the run falls short of.
  if (failure !== undefined) return [];
  const same =
    pages === 0
      ? 'nothing to compare'
      : differ === 0
        ? 'all as they are stored'
        : `${count(differ)} not as stored`;
  const end = complete ? '' : '; it ended early';
  const lines = [`Verified ${plural(pages, 'page')} at ${printable(server)}: ${same}${end}.`];
  for (const [coding, times] of Object.entries(unused)) {
    lines.push(
      `The server does not use the ${coding} variants of ${plural(times, 'page')}, which is no mistake.`,
    );
  }
  return lines;
}
