import { WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';
import type { Entry } from '../sources/entry.ts';
import { emptyList, listName, ofArguments } from '../sources/name.ts';
import { orAborted } from '../until-aborted.ts';
import { type Origin, splitUrl } from './origin.ts';

/** After so many useless lines a list is no list. It also bounds what is held back. */
const patience = 100;

/** The site of a list, and the lines that had to be read to know it. */
export interface FoundOrigin {
  readonly origin: Origin;
  readonly read: readonly Entry[];
}

/**
 * Reads on until a line says which site the list is about: its first URL decides, unless reading on made it
 * `known`, because a source had to be fetched.
 *
 * @throws {WarmError} when the list has no URL, or a path comes first, which belongs to no site. When `signal` is aborted
 * before, its reason.
 */
export async function findOrigin(
  entries: AsyncIterator<Entry>,
  lists: readonly string[],
  signal: AbortSignal,
  known: () => Origin | undefined = () => undefined,
): Promise<FoundOrigin> {
  const read: Entry[] = [];
  while (read.length < patience) {
    const next = await orAborted(entries.next(), signal);
    if (next === undefined || next.done === true) break;
    read.push(next.value);
    const origin = known() ?? originOf(next.value);
    if (origin !== undefined) return { origin, read };
  }
  signal.throwIfAborted();
  throw read.length === 0 ? emptyList(lists) : noUrl(read[0]!);
}

function originOf(entry: Entry): Origin | undefined {
  if ('problem' in entry) return undefined;
  if (entry.text.startsWith('/')) {
    throw new WarmError(
      'ERR_PAGETREE_USAGE',
      `${whereIs(entry)}, and nothing says which site it belongs to.`,
      { hint: 'Add --origin with the address of the site, for example --origin http://127.0.0.1:3000' },
    );
  }
  const url = splitUrl(entry.text);
  return url === undefined || url.credentials ? undefined : url.origin;
}

function noUrl(first: Entry): WarmError {
  return new WarmError(
    'ERR_PAGETREE_LIST',
    `The list ${listName(first.source)} has no URL: line ${first.number} is "${printable(first.text, 60)}".`,
    { hint: 'Write one path that starts with /, or one http or https URL, a line.' },
  );
}

function whereIs({ source, number, text }: Entry): string {
  const path = printable(text, 60);
  if (source === ofArguments) return `${path} is a path`;
  return `The list ${listName(source)} has a path in line ${number} (${path})`;
}
