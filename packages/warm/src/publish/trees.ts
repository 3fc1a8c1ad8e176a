/**
 * The trees of `--publish`: a symbolic link that everybody opens (`cache`), and beside it a folder
 * (`cache.releases`) with the trees that it may lead to. They are numbered from 1; the highest is the newest.
 */
import fs from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { systemCause, WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';
import type { Notice } from '../sources/entry.ts';
import { nextNumber } from './decide.ts';
import { cannot, flushFolder } from './files.ts';

/** Where the trees of a link are, absolute. */
export interface PublishPaths {
  /** What everybody opens. */
  readonly link: string;
  /** Where the trees are. */
  readonly folder: string;
}

/** What is in the folder of trees. */
export interface FoundTrees {
  /** Whole trees by number, the oldest first. */
  readonly whole: readonly number[];
  /** Names of trees that are half made, the newest first. */
  readonly building: readonly string[];
  /** Names of what is to be removed: trees that were given up, and what a kill left. */
  readonly rests: readonly string[];
}

const wholeName = /^[1-9]\d{0,8}$/;
const buildingName = /^[1-9]\d{0,8}\.building$/;
const restName = /^[1-9]\d{0,8}\.(?:failed|removing|link)$/;

export function publishPaths(cacheDir: string): PublishPaths {
  const link = resolve(cacheDir);
  return { link, folder: `${link}.releases` };
}

/** The folder of a whole tree. */
export function treeAt({ folder }: PublishPaths, number: number): string {
  return join(folder, `${number}`);
}

/** Looks into the folder. Names that are not ours are passed by. */
export function findTrees({ folder }: PublishPaths): FoundTrees {
  const names = namesIn(folder);
  const whole = names.filter((name) => wholeName.test(name)).map(Number);
  const building = names.filter((name) => buildingName.test(name));
  return {
    whole: whole.sort((one, other) => one - other),
    building: building.sort((one, other) => Number.parseInt(other, 10) - Number.parseInt(one, 10)),
    rests: names.filter((name) => restName.test(name)),
  };
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * The number of the tree that the link leads to; `undefined` when there is no link yet.
 *
 * @throws {WarmError} `ERR_PAGETREE_PUBLISH` for a folder, and for a link to somewhere else: neither is touched.
 */
export function liveTree(paths: PublishPaths): number | undefined {
  const { link, folder } = paths;
  let text: string;
  try {
    text = fs.readlinkSync(link);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw code === 'EINVAL' ? noLink(paths) : cannot(link, error);
  }
  const target = resolve(dirname(link), text);
  if (dirname(target) === folder && wholeName.test(basename(target))) return Number(basename(target));
  throw new WarmError(
    'ERR_PAGETREE_PUBLISH',
    `${printable(link)} is a link to ${printable(text)}, which is no tree in ${printable(folder)}.`,
    { hint: 'Name another folder, or take the link away.' },
  );
}

function noLink(paths: PublishPaths): WarmError {
  const { link, folder } = paths;
  const { whole, building, rests } = findTrees(paths);
  const free = nextNumber([...whole.map(String), ...building, ...rests], undefined);
  const [old, fresh] = [link, folder].map((path) => `'${printable(path).replaceAll("'", "'\\''")}'`);
  const target = `'${printable(`${basename(folder)}/${free}`).replaceAll("'", "'\\''")}'`;
  return new WarmError(
    'ERR_PAGETREE_PUBLISH',
    `${printable(link)} must be a symbolic link, which --publish can switch; it is a folder.`,
    { hint: `Move it once: mkdir -p ${fresh} && mv ${old} ${fresh}/${free} && ln -s ${target} ${old}` },
  );
}

/**
 * Makes the link lead to another tree, by one rename: whoever opens it finds the one tree or the other.
 *
 * @throws {WarmError} `ERR_PAGETREE_PUBLISH` when something else is in its place.
 */
export function switchTo(paths: PublishPaths, number: number): void {
  const { link, folder } = paths;
  const fresh = join(folder, `${number}.link`);
  fs.rmSync(fresh, { force: true });
  // Relative, so that both may be moved, or be mounted somewhere else, together.
  fs.symlinkSync(join(basename(folder), `${number}`), fresh, 'dir');
  try {
    fs.renameSync(fresh, link);
  } catch (error) {
    fs.rmSync(fresh, { force: true });
    throw cannot(link, error);
  }
  flushFolder(dirname(link));
}

/**
 * Takes their names from whole trees that are to be removed. The link leads to a new one by then: nothing must keep that from being told.
 *
 * @returns the numbers of those that have lost theirs.
 */
export function doomTrees(
  paths: PublishPaths,
  numbers: readonly number[],
  onNotice: (notice: Notice) => void,
): number[] {
  return numbers.filter((number) => {
    const path = treeAt(paths, number);
    try {
      fs.renameSync(path, `${path}.removing`);
      return true;
    } catch (error) {
      onNotice(stays(path, error));
      return false;
    }
  });
}

/**
 * Removes entries of the folder. They have new names first, so that none is taken for a whole tree. It is tidying: what cannot be
 * removed is told of, and stays.
 */
export async function removeTrees(
  paths: PublishPaths,
  names: readonly string[],
  onNotice: (notice: Notice) => void,
): Promise<void> {
  for (const name of names) {
    const path = join(paths.folder, name);
    const doomed = restName.test(name) ? path : join(paths.folder, `${Number.parseInt(name, 10)}.removing`);
    try {
      if (doomed !== path) {
        await fs.promises.rm(doomed, { recursive: true, force: true });
        fs.renameSync(path, doomed);
      }
      await fs.promises.rm(doomed, { recursive: true, force: true });
    } catch (error) {
      onNotice(stays(doomed, error));
    }
  }
}

function stays(path: string, error: unknown): Notice {
  const text = `${printable(path)} is of no use any more, and cannot be removed: ${systemCause(error)}`;
  return { source: '--publish', text };
}
