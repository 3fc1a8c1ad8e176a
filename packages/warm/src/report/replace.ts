import { closeSync, openSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Puts a whole file in the place of another one. One that is mounted by itself, as into a container, cannot be replaced: what is in it is.
 *
 * @throws the error of the file system. `from` is gone all the same.
 */
export function replaceFile(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    try {
      if (code !== 'EBUSY' && code !== 'EXDEV') throw error;
      copyInto(from, to);
    } finally {
      rmSync(from, { force: true });
    }
  }
}

/** Not by `copyFile`: that sets the mode as well, which only the owner of a file may. */
function copyInto(from: string, to: string): void {
  const source = openSync(from, 'r');
  try {
    const target = openSync(to, 'w');
    try {
      const bytes = Buffer.alloc(256 * 1024);
      for (let length = readSync(source, bytes); length > 0; length = readSync(source, bytes))
        writeFileSync(target, bytes.subarray(0, length));
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}
