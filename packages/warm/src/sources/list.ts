import { urlText } from '../config/run-options.ts';
import type { Entry } from './entry.ts';
import { parseLine } from './lines.ts';
import { nameSources } from './name.ts';
import { SourceReader } from './read.ts';

export type { Entry } from './entry.ts';
export { emptyList } from './name.ts';

/**
 * Looks at every list before anything is done, so that a wrong name in the last one is not found
 * after an hour. Each is a file, a pattern of files or standard input.
 *
 * @throws {WarmError} `ERR_PAGETREE_LIST` names the file and what is wrong with it.
 */
export async function checkLists(lists: readonly string[]): Promise<void> {
  await nameSources(lists, { isFile: true });
}

/**
 * Reads lists that are files or standard input, one after the other. An abort ends it early and quietly, also
 * while it waits for standard input.
 */
export async function* readLists(
  lists: readonly string[],
  signal: AbortSignal,
  stdin?: NodeJS.ReadStream,
): AsyncGenerator<Entry> {
  yield* new SourceReader({ signal, stdin }).read(await nameSources(lists, { isFile: true }));
}

/** The URLs that a program gives, judged and numbered like lines of a file. */
export async function* readUrls(
  urls: Iterable<string> | AsyncIterable<string>,
  signal: AbortSignal,
): AsyncGenerator<Entry> {
  let number = 0;
  for await (const text of urls) {
    if (signal.aborted) return;
    number += 1;
    const line = parseLine(Buffer.from(urlText(text, number)), number);
    if (line !== undefined) yield { ...line, source: 'urls' };
  }
}
