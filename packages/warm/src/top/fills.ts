/** What is being stored and purged at the moment, as the folder `.pagetree/fills/` shows it. */
import { lstatSync, opendirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** One page that is being made. */
export interface FillNow {
  /** `undefined` when its path is too long to stand in a name. */
  readonly key: string | undefined;
  readonly pid: number | undefined;
  /** When it began, in milliseconds since 1970. */
  readonly since: number;
}

/** What is under way. */
export interface UnderWay {
  readonly fills: number;
  /** The first of them, the oldest first. */
  readonly oldest: readonly FillNow[];
  /** Purges by pattern, age or tag; one of a single page is over too soon to be seen. */
  readonly purges: number;
}

/** So many are looked into. */
const MOST = 1000;

/** @param shown how many fills are named. */
export function readUnderWay(cacheDir: string, shown: number): UnderWay {
  const folder = join(cacheDir, '.pagetree', 'fills');
  const found: FillNow[] = [];
  let fills = 0;
  let purges = 0;
  try {
    const open = opendirSync(folder);
    try {
      for (let entry = open.readSync(); entry !== null; entry = open.readSync()) {
        if (entry.name.endsWith('.purge')) purges += 1;
        else if (entry.isDirectory()) {
          for (const [fill, file] of fillsIn(join(folder, entry.name))) {
            fills += 1;
            const begun = fills <= MOST ? fillIn(join(folder, entry.name, file), fill) : undefined;
            if (begun !== undefined) found.push(begun);
          }
        }
      }
    } finally {
      open.closeSync();
    }
  } catch {
    // Nothing was ever stored, or this user may not look.
  }
  const oldest = found.toSorted((one, other) => one.since - other.since).slice(0, shown);
  return { fills, oldest, purges };
}

/** A file of each fill in a folder, by the name that all its files begin with. Who removes a page stores none. */
function fillsIn(folder: string): Map<string, string> {
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    // A sweep took the folder just now, since nothing was in it.
  }
  const ofPages = names.filter((name) => !name.endsWith('.lock'));
  return new Map(ofPages.map((name) => [name.slice(0, name.lastIndexOf('.')), name]));
}

/** `undefined` when it ended just now. */
function fillIn(path: string, name: string): FillNow | undefined {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  return facts && { ...readName(`${name}.body`), since: facts.birthtimeMs || facts.ctimeMs };
}

/** `<hash>.<host>-<pid>-<start>-<chance>-<count>@<key>.<part>`. Pure. */
export function readName(name: string): Pick<FillNow, 'key' | 'pid'> {
  const parts =
    /^(?:[0-9a-f]{32}\.)?[0-9a-f]{8}-(\d{1,10})-\d{1,20}-[0-9a-f]{8}-[0-9a-z]+@(.*)\.[a-z]+$/.exec(name);
  if (parts === null) return { key: undefined, pid: undefined };
  return { key: parts[2] === '' ? undefined : parts[2]!.replaceAll('%2F', '/'), pid: Number(parts[1]) };
}
