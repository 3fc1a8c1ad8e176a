/** The counter files of the processes that serve a tree: `.pagetree/counters/*.json`, as the middleware writes them. */
import { readdirSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

/** What one process says of its cache. All numbers only grow. */
export interface ProcessCounts {
  /** The name of its file, which no other has. */
  readonly name: string;
  readonly pid: number;
  readonly numbers: Readonly<Record<NumberName, number>>;
  readonly reasons: Readonly<Record<ReasonsName, Readonly<Record<string, number>>>>;
}

export const numberNames = [
  ...(['hits', 'hitBytes', 'misses', 'stored', 'storedBytes'] as const),
  ...(['purges', 'purgedPages', 'purgedBytes'] as const),
] as const;
export type NumberName = (typeof numberNames)[number];

export const reasonsNames = ['bypassed', 'refused', 'aborted', 'unstored', 'errors'] as const;
export type ReasonsName = (typeof reasonsNames)[number];

/** A process that lives writes every five seconds. In milliseconds. */
const SILENT = 20_000;
/** A file that is so old is removed. A process that was only stopped writes another one. */
const DEAD = 600_000;
/** The name that a middleware gives its file: nothing else is removed, wherever a link leads. */
const OWN = /^[0-9a-f]{8}\.\d{1,10}\.[0-9a-f]{8}\.json$/;
/** No counter file is larger. */
const LARGEST = 65_536;
/** More processes than that are not looked at. */
const MOST = 1000;

/** What all living processes say; what is damaged, or too old, is left out. */
export function readCounters(cacheDir: string, now: number = Date.now()): ProcessCounts[] {
  const folder = join(cacheDir, '.pagetree', 'counters');
  return namesIn(folder).flatMap((name) => {
    const file = join(folder, name);
    try {
      const { mtimeMs, size } = statSync(file);
      if (now - mtimeMs > DEAD && OWN.test(name)) unlinkSync(file);
      if (now - mtimeMs > SILENT || size > LARGEST) return [];
      const counts = parseCounts(name, JSON.parse(readFileSync(file, 'utf8')));
      return counts === undefined ? [] : [counts];
    } catch {
      // Its process has just ended, or this user may not read or remove it.
      return [];
    }
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .slice(0, MOST)
      .sort();
  } catch {
    return [];
  }
}

/** Pure. `undefined` for what no process of this version writes. */
export function parseCounts(name: string, document: unknown): ProcessCounts | undefined {
  if (typeof document !== 'object' || document === null) return undefined;
  const said = document as Record<string, unknown>;
  if (said.format !== 1 || !isCount(said.pid)) return undefined;
  const numbers = Object.fromEntries(numberNames.map((one) => [one, isCount(said[one]) ? said[one] : 0]));
  const reasons = Object.fromEntries(reasonsNames.map((one) => [one, reasonsIn(said[one])]));
  return {
    name,
    pid: said.pid,
    numbers: numbers as ProcessCounts['numbers'],
    reasons: reasons as ProcessCounts['reasons'],
  };
}

function reasonsIn(value: unknown): Record<string, number> {
  if (typeof value !== 'object' || value === null) return {};
  const entries = Object.entries(value).filter(
    ([name, times]) => /^[\w-]{1,40}$/.test(name) && isCount(times),
  );
  return Object.fromEntries(entries);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
