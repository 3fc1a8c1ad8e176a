/** Reads a file for memory, beside the event loop. */
import { type Facts, type Io, quietly } from '../store/io.ts';

/** All bytes of a file; `undefined` when it is not the one that is meant, was cut, or can't be read. */
export async function readWhole(
  io: Io,
  path: string,
  isMeant: (facts: Facts) => boolean,
): Promise<Buffer | undefined> {
  let fd: number | undefined;
  try {
    fd = await io.openRead(path);
    const facts = await io.fstat(fd);
    if (!isMeant(facts)) return undefined;
    const bytes = await io.read(fd, facts.size);
    return bytes.length === facts.size ? bytes : undefined;
  } catch {
    return undefined;
  } finally {
    const opened = fd;
    if (opened !== undefined) await quietly(() => io.close(opened));
  }
}
