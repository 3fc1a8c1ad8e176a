/** Where a path leads. */
import fs from 'node:fs';

/** The real path of a folder, without links; `undefined` when nobody can tell. It takes some microseconds. */
export function leadsTo(path: string): string | undefined {
  try {
    return fs.realpathSync.native(path);
  } catch {
    return undefined;
  }
}
