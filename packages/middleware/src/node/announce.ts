/** Puts `Cache-Status` on a response that the application makes. */
import { cacheStatus, type Handling } from '../cache-status.ts';
import { type HeadArguments, withCacheStatus } from './head.ts';
import { wrap } from './patch.ts';
import type { Report, Response } from './types.ts';

/**
 * Says in the head of the response what the cache did. `handling` is asked once, when the application has
 * decided the head, and may judge it; a head that Node then refuses is asked for again. `sent` is called when
 * the head can't change any more.
 */
export function announce(
  res: Response,
  handling: (args: HeadArguments) => Handling,
  report: Report,
  sent: () => void = () => {},
): void {
  wrap(
    res,
    'writeHead',
    (original) =>
      function writeHead(...args) {
        // A second head is the application's mistake, and Node's to report.
        if (res.headersSent) return original.apply(this, args);
        const before = res.getHeader('cache-status');
        let result: unknown;
        try {
          result = original.apply(this, [...announced(res, args, handling, report)]);
        } catch (error) {
          if (!res.headersSent) {
            if (before === undefined) res.removeHeader('cache-status');
            else res.setHeader('cache-status', before);
          }
          throw error;
        }
        sent();
        return result;
      },
  );
}

/** The arguments with our field; as they came when anything of ours fails. */
function announced(
  res: Response,
  args: HeadArguments,
  handling: (args: HeadArguments) => Handling,
  report: Report,
): HeadArguments {
  try {
    return withCacheStatus(res, args, cacheStatus(handling(args)));
  } catch (error) {
    report(error);
    return args;
  }
}
