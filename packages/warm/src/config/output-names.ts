import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';
import { writeTarget } from '../report/write-target.ts';
import type { Problems } from './problems.ts';

/** A file that a run writes, and the setting that names it. */
export interface OutputName {
  readonly label: string;
  readonly name: string;
}

/**
 * Refuses names in folders that are not there, and names of two settings that lead to one file: each appears whole at the end, so
 * that one would be lost.
 */
export function checkOutputNames(names: readonly OutputName[], problems: Problems): void {
  const taken = new Map<string, OutputName>();
  for (const { label, name } of names) {
    const file = problems.gather(() => fileOf(label, name));
    const other = file === undefined ? undefined : taken.get(file);
    if (file !== undefined && other === undefined) taken.set(file, { label, name });
    if (other === undefined || other.label === label) continue;
    const also = other.name === name ? '' : `, which is ${printable(other.name, 80)} too`;
    problems.add(
      new WarmError(
        'ERR_PAGETREE_OPTION',
        `${other.label} and ${label} name the same file: ${printable(name, 80)}${also}.`,
        { hint: 'Name two files: one would take the place of the other.' },
      ),
    );
  }
}

/**
 * The file behind a name, also where none is yet; `undefined` for pipes and devices, and where none can be.
 *
 * @throws {WarmError} `ERR_PAGETREE_REPORT` when there is no such folder.
 */
function fileOf(label: string, name: string): string | undefined {
  try {
    const { file, isStream } = writeTarget(name);
    return isStream ? undefined : join(realpathSync(dirname(resolve(file))), basename(file));
  } catch (error) {
    // Who opens it says what else is wrong with it.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return undefined;
    const message = `${label} ${printable(name, 80)} cannot be written: there is no such folder.`;
    throw new WarmError('ERR_PAGETREE_REPORT', message, { cause: error });
  }
}
