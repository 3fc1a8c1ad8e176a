import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemCause, WarmError } from '../errors.ts';

/** Characters that are kept in memory before they are written. */
const blockSize = 256 * 1024;

/**
 * A file without a name: it is gone when it is closed, also when the process is killed. For what is read
 * once, in the order in which it was written, and may be larger than memory.
 */
export class SpillFile {
  #descriptor: number | undefined;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws {WarmError} when the temporary folder cannot be written to. */
  write(bytes: Uint8Array): void {
    try {
      this.#descriptor ??= openNameless();
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
    } catch (error) {
      throw new WarmError(
        'ERR_PAGETREE_LIST',
        `The temporary folder cannot be used: ${systemCause(error)}.`,
        {
          hint: 'Name another one in the environment: TMPDIR=/some/folder (TEMP on Windows).',
          cause: error,
        },
      );
    }
    this.#bytes += bytes.length;
  }

  /** What was written so far, from the beginning. */
  *read(): Generator<Buffer> {
    for (let at = 0; at < this.#bytes; ) {
      const block = Buffer.allocUnsafe(64 * 1024);
      const length = readSync(this.#descriptor!, block, 0, block.length, at);
      if (length === 0) return;
      at += length;
      yield block.subarray(0, length);
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    this.#bytes = 0;
  }
}

/**
 * A list of texts without line breaks that takes little memory however long it is: over a quarter of a
 * million characters it goes to a temporary file.
 */
export class SpillList {
  readonly #file = new SpillFile();
  #block: string[] = [];
  #characters = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(text: string): void {
    this.#length += 1;
    this.#block.push(text);
    this.#characters += text.length + 1;
    if (this.#characters < blockSize) return;
    this.#file.write(Buffer.from(`${this.#block.join('\n')}\n`));
    this.#block = [];
    this.#characters = 0;
  }

  /** All texts in their order. Nothing may be added meanwhile. The list is empty afterwards, also when it is left early. */
  *drain(): Generator<string> {
    try {
      let rest: Buffer = Buffer.alloc(0);
      for (const block of this.#file.read()) {
        const bytes = rest.length === 0 ? block : Buffer.concat([rest, block]);
        let start = 0;
        for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
          yield bytes.toString('utf8', start, end);
          start = end + 1;
        }
        rest = bytes.subarray(start);
      }
      yield* this.#block;
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#file.close();
    this.#block = [];
    this.#characters = 0;
    this.#length = 0;
  }
}

function openNameless(): number {
  const file = join(tmpdir(), `pagetree-${randomUUID()}.tmp`);
  // 0600: a list of URLs may tell more than its owner wants to.
  const descriptor = openSync(file, 'wx+', 0o600);
  unlinkSync(file);
  return descriptor;
}
