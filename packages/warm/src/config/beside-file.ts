import { resolve } from 'node:path';
import { outputTable } from './output-table.ts';
import type { WarmGroup } from './schema.ts';
import type { Setting } from './setting.ts';
import { keyOf, warmTable } from './warm-table.ts';

const files: readonly string[] = Object.entries<Setting>({ ...warmTable, ...outputTable }).flatMap(
  ([flag, { value }]) => (value === 'FILE' ? [keyOf(flag)] : []),
);

/** The group `warm` with the files that it names counted from the folder of the configuration file, as `cacheDir` is. Pure. */
export function besideFile(group: WarmGroup, folder: string): WarmGroup {
  const absolute = (name: unknown) => resolve(folder, String(name));
  const found = Object.entries(group).map(([key, value]) => {
    if (!files.includes(key)) return [key, value];
    return [key, Array.isArray(value) ? value.map(absolute) : absolute(value)];
  });
  return Object.fromEntries(found) as WarmGroup;
}
