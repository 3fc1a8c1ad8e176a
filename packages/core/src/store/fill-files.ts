/** The files of fills, as a look at their folder shows them, and how they are taken away. */
import { type Io, ignoring } from './io.ts';

/** Each try is lost only to somebody who comes in between. */
const TAKE_TRIES = 64;
/** A folder of fewer names is read in one call of the system, whatever its library, so a look at it is of one moment. */
const ONE_CALL = 8;

/** The names in a folder of fills. Of who fills all the while, at least one file is among them. */
export async function namesOf(io: Io, folder: string): Promise<string[]> {
  let names: string[] = [];
  await ignoring(['ENOENT', 'ENOTDIR'], async () => {
    names = await io.names(folder);
    // The body may have gone while the folder was read, and a variant may have come: by now that one is there for long.
    if (names.length >= ONE_CALL) names = [...new Set([...names, ...(await io.names(folder))])];
  });
  return names;
}

/**
 * The fill that a file belongs to: what its name has before the key. The rest says nothing that this does not, and some disks
 * that fold names list them in lower case.
 */
export function fillOf(name: string): string {
  const end = name.indexOf('@');
  return end < 0 ? name : name.slice(0, end);
}

/** The files of each fill, of one key or of all. */
export function filesByFill(names: readonly string[], prefix = ''): Map<string, string[]> {
  const fills = new Map<string, string[]>();
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const fill = fillOf(name);
    const files = fills.get(fill);
    if (files) files.push(name);
    else fills.set(fill, [name]);
  }
  return fills;
}

/**
 * Takes the permissions of fills away, whoever holds them: from here on none of their renames can succeed. Only those that
 * a first look shows: who comes later renders later. Returns how many there were.
 *
 * @throws the error of the file system.
 */
export async function takeFills(
  io: Io,
  folder: string,
  isWanted: (fill: string, names: readonly string[]) => boolean,
): Promise<number> {
  let wanted: Set<string> | undefined;
  for (let tries = 0; tries < TAKE_TRIES; tries += 1) {
    const found = filesByFill(await namesOf(io, folder));
    wanted ??= new Set([...found].flatMap(([fill, names]) => (isWanted(fill, names) ? [fill] : [])));
    const names = [...found].flatMap(([fill, names]) => (wanted!.has(fill) ? names : []));
    // One look is not enough: a file that was being made comes in after it.
    if (names.length === 0) return wanted.size;
    for (const name of names.sort(bodyFirst)) {
      await ignoring(['ENOENT'], () => io.unlink(`${folder}/${name}`));
    }
  }
  throw new Error(`files came into ${folder} faster than they could be removed`);
}

/** A publish begins with the body: without it no other part can be put in place for good. */
function bodyFirst(one: string, other: string): number {
  return Number(other.endsWith('.body')) - Number(one.endsWith('.body'));
}
