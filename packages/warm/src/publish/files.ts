/** Folders and files that are made so that they last. */
import fs from 'node:fs';
import { systemCause, WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';

/** The error for what the system refuses. */
export function cannot(path: string, error: unknown): WarmError {
  const what = `${printable(path)} cannot be used: ${systemCause(error)}.`;
  return new WarmError('ERR_PAGETREE_PUBLISH', what, { cause: error });
}

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;

/** A copy that a power cut leaves whole. A link is not followed: it may lead to what is not for this tree. */
export function copyWhole(old: string, fresh: string): void {
  const from = fs.openSync(old, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  let bytes: Buffer;
  let mode: number;
  try {
    bytes = fs.readFileSync(from);
    mode = fs.fstatSync(from).mode & 0o777;
  } finally {
    fs.closeSync(from);
  }
  const descriptor = fs.openSync(fresh, 'wx', mode);
  try {
    fs.writeFileSync(descriptor, bytes);
    fs.fchmodSync(descriptor, mode);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Makes a folder, if it is not there. */
export function makeFolder(folder: string, mode: number): void {
  try {
    fs.mkdirSync(folder, { mode });
    const made = fs.statSync(folder).mode;
    // What the folder above hands down, such as its group, stays; what the mask of the process took away, does not.
    if ((made & 0o777) !== (mode & 0o777)) fs.chmodSync(folder, (made & 0o7000) | mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannot(folder, error);
  }
}

/** Makes renames in a folder survive a power cut, where the system can do that. */
export function flushFolder(folder: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(folder, 'r');
    fs.fsyncSync(descriptor);
  } catch {
    // Windows, and some network disks, know no such thing: the rename itself is done.
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}
