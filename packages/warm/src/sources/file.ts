import { constants, createReadStream, open } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { promisify } from 'node:util';

/** A stream that may be given up at any time. */
export type FileStream = NodeJS.ReadableStream & { destroy(): unknown };

/**
 * Opens a file to be read. A pipe with a name, or one that a shell makes of `<(...)`, is read as standard input is: a thread that
 * waits in it for a writer, or for what one writes, could not be called back, and would keep the process from ending.
 *
 * Only Linux is known to wait for the first writer of a pipe that was opened so; elsewhere it may look as if it had ended.
 *
 * @throws what the system says.
 */
export async function openFile(path: string): Promise<FileStream> {
  if (process.platform !== 'linux' || !(await stat(path)).isFIFO()) return createReadStream(path);
  const fd = await promisify(open)(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}
