/** The parts of a page beside its body, made beside it until they are published: variants and meta; and the seal that ends it. */
import type { Coding } from '../contracts.ts';
import type { Permission } from './announce.ts';
import { type Compress, SMALLEST } from './compress.ts';
import type { Io } from './io.ts';
import { variantSuffixes } from './tree.ts';

interface PartsContext {
  readonly io: Io;
  readonly compress: Compress;
  readonly durable: boolean;
  readonly fileMode: number;
  /** The mask of the process would take bits of the mode away. */
  readonly masked: boolean;
}

/** The body that the parts belong to. */
interface Body {
  readonly size: number;
  readonly mtimeMs: number;
  /** All of it, when it is still at hand. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * Makes the variants, with the time of the body. `made` has their paths by suffix, each before its file is begun.
 *
 * @throws the error of the file system.
 */
export async function makeVariants(
  context: PartsContext,
  permission: Permission,
  body: Body,
  codings: readonly Coding[],
  made: Map<string, string>,
): Promise<void> {
  if (codings.length === 0 || body.size < SMALLEST) return;
  const { io, compress, durable } = context;
  const bytes = body.bytes ?? (await readBack(io, permission.body, body.size));
  for (const coding of codings) {
    const small = await compress(bytes, coding);
    if (!small) continue;
    const suffix = variantSuffixes[coding];
    const path = permission.part(suffix.slice(1));
    made.set(suffix, path);
    // An empty variant after a power cut would be an empty page to whoever asks for it.
    await writePart(context, path, small, durable);
    await io.utimes(path, body.mtimeMs / 1000);
  }
}

async function readBack(io: Io, path: string, size: number): Promise<Uint8Array> {
  const fd = await io.openRead(path);
  try {
    const bytes = await io.read(fd, size);
    // A variant of half a page must not be made.
    if (bytes.length !== size) throw new Error('the body was cut while it was read back');
    return bytes;
  } finally {
    await io.close(fd);
  }
}

/**
 * Writes one part.
 *
 * @param flush wait until the disk has it.
 * @throws the error of the file system.
 */
export async function writePart(
  { io, fileMode, masked }: PartsContext,
  path: string,
  bytes: Uint8Array,
  flush: boolean,
): Promise<void> {
  const fd = await io.create(path, fileMode);
  try {
    await io.write(fd, bytes, 0);
    if (masked) await io.fchmod(fd, fileMode);
    if (flush) await io.fdatasync(fd);
  } finally {
    await io.close(fd);
  }
}

/**
 * Sets the time by the body's name, after every other part was made: that the name is still there proves that the
 * permission was ours all the while, and that a purge from now on takes all parts at once.
 *
 * @throws the error of the file system; ENOENT when the permission was taken.
 */
export async function seal(
  { io, durable, fileMode, masked }: PartsContext,
  { body, fd }: Permission,
  mtimeMs: number,
): Promise<void> {
  await io.utimes(body, mtimeMs / 1000);
  if (masked) await io.fchmod(fd, fileMode);
  if (durable) await io.fdatasync(fd);
}
