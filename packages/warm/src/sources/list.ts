import { createReadStream } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { systemCause, WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';
import { type Line, LineSplitter, parseLine } from './lines.ts';

/** A line and the list it stands in. */
export type Entry = Line & { readonly source: string };

/** The name of standard input in a list of files, as everywhere on Unix. */
export const standardInput = '-';

/**
 * Looks at every list before anything is fetched, so that a wrong name in the last one is not found
 * after an hour.
 *
 * @throws {WarmError} `ERR_PAGETREE_LIST` names the file and what is wrong with it.
 */
export async function checkLists(lists: readonly string[]): Promise<void> {
  if (lists.filter((list) => list === standardInput).length > 1) {
    throw new WarmError('ERR_PAGETREE_LIST', 'Standard input (-) is named more than once.', {
      hint: 'It can be read once only: name `-` once.',
    });
  }
  for (const list of lists) {
    if (list !== standardInput) await checkFile(list);
  }
}

async function checkFile(list: string): Promise<void> {
  let found: Awaited<ReturnType<typeof stat>>;
  try {
    found = await stat(list);
    if (!found.isDirectory()) await access(list, constants.R_OK);
  } catch (error) {
    throw cannotRead(list, systemCause(error), error);
  }
  if (found.isDirectory()) throw cannotRead(list, 'it is a folder');
  if (found.isFile() && found.size === 0) throw emptyList([list]);
}

/** The error for lists in which no line says anything. */
export function emptyList(lists: readonly string[]): WarmError {
  const names = lists.length === 0 ? 'of URLs' : lists.map(listName).join(', ');
  return new WarmError('ERR_PAGETREE_LIST', `The list ${names} is empty: it has no URL.`, {
    hint: 'Write one path (/about) or URL a line; lines that start with # are comments.',
  });
}

/** The name of a list in a sentence. */
export function listName(list: string): string {
  return list === standardInput ? 'on standard input' : printable(list);
}

/**
 * Reads lists one after the other, line by line. An abort ends it early and quietly, also while it
 * waits for standard input.
 */
export async function* readLists(
  lists: readonly string[],
  signal: AbortSignal,
  stdin: NodeJS.ReadStream = process.stdin,
): AsyncGenerator<Entry> {
  for (const list of lists) {
    const splitter = new LineSplitter();
    try {
      for await (const chunk of readChunks(list, signal, stdin)) {
        for (const line of splitter.push(chunk)) yield { ...line, source: list };
      }
      for (const line of splitter.end()) yield { ...line, source: list };
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof WarmError) throw cannotRead(list, error.message, error, error.hint);
      throw cannotRead(list, systemCause(error), error);
    }
    if (signal.aborted) return;
  }
}

async function* readChunks(
  list: string,
  signal: AbortSignal,
  stdin: NodeJS.ReadStream,
): AsyncGenerator<Uint8Array> {
  const stream = list === standardInput ? stdin : createReadStream(list);
  const stop = () => stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function cannotRead(list: string, why: string, cause?: unknown, hint?: string): WarmError {
  return new WarmError('ERR_PAGETREE_LIST', `The list ${listName(list)} cannot be read: ${why}.`, {
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
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
    const line = parseLine(Buffer.from(text), number);
    if (line !== undefined) yield { ...line, source: 'urls' };
  }
}
