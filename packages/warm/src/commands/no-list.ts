import { WarmError } from '../errors.ts';

/** The error for a run that nothing was named for. */
export function noList(what = 'No list of URLs is named.'): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', what, {
    hint: 'Name a file with one path or URL a line, or - for standard input: cache-warm urls.txt --cache-dir ./cache',
  });
}
