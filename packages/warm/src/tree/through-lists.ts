import { WarmError } from '../errors.ts';
import { type PlannedPurge, planPurge } from '../plan/scopes.ts';
import { printable } from '../report/printable.ts';

/** What may be wrong with one line of a list. */
const mistakes: ReadonlySet<string | undefined> = new Set([
  'ERR_PAGETREE_USAGE',
  'ERR_PAGETREE_LIST',
  'ERR_PAGETREE_PATH',
]);

/** How lists are read. */
export interface ListReading extends Pick<NodeJS.Process, 'stdin' | 'stderr'> {
  /** What is below each line, too. */
  readonly recursive: boolean;
  /** Refuses URLs of other sites. */
  readonly check: (text: string) => Promise<void>;
}

/**
 * Goes through lists of paths and URLs as they come: they may be long. A line that is no path is named on standard error and
 * passed by.
 *
 * @param take does what is to be done with a line; `false` ends it.
 * @returns how many lines were wrong.
 * @throws {WarmError} `ERR_PAGETREE_LIST` when a list cannot be read, or nothing is in any.
 */
export async function throughLists(
  lists: readonly string[],
  { recursive, check, stdin, stderr }: ListReading,
  take: (line: PlannedPurge) => Promise<boolean>,
): Promise<number> {
  const { emptyList, readLists } = await import('../sources/list.ts');
  let lines = 0;
  let wrong = 0;
  for await (const line of readLists(lists, new AbortController().signal, stdin)) {
    lines += 1;
    try {
      if ('problem' in line) throw new WarmError('ERR_PAGETREE_LIST', `The line is ${line.problem}.`);
      await check(line.text);
      if (!(await take(planPurge(line.text, recursive)))) break;
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (!mistakes.has(code)) throw error;
      wrong += 1;
      const list = lists.length === 1 ? '' : `${printable(line.source)}, `;
      stderr.write(`${list}line ${line.number}: ${printable(message)}\n`);
    }
  }
  if (lines === 0) throw emptyList(lists);
  return wrong;
}
