/** Pages that tell which version of which key they are, and whether they are whole. */
import fs from 'node:fs';

/** The body of a version of a page, `size` bytes or a little more. */
export function bodyOf(key, version, size) {
  const head = `<!doctype html><title>${version} ${key}</title>\n`;
  const line = `<p>${version} ${key}</p>\n`;
  return Buffer.from(`${head}${line.repeat(Math.ceil(size / line.length))}</html>\n`);
}

/** The version of a whole page; throws for anything else: half a page, another key's, two versions in one. */
export function versionIn(bytes, key, size) {
  const found = /^<!doctype html><title>(\d+) /.exec(bytes.subarray(0, 60).toString('latin1'));
  const version = found ? Number(found[1]) : -1;
  if (version < 0 || !bodyOf(key, version, size).equals(bytes)) {
    throw new Error(
      `not one whole page of ${key}: ${bytes.length} bytes, ${JSON.stringify(bytes.subarray(0, 80).toString('latin1'))}`,
    );
  }
  return version;
}

/** Counters in a file that processes share: one page of memory to all of them. */
export class Counters {
  #fd;
  #cell = Buffer.alloc(4);

  constructor(path) {
    this.#fd = fs.openSync(path, 'a+');
    fs.closeSync(this.#fd);
    this.#fd = fs.openSync(path, 'r+');
  }

  get(slot) {
    this.#cell.fill(0);
    fs.readSync(this.#fd, this.#cell, 0, 4, slot * 4);
    return this.#cell.readUInt32LE();
  }

  set(slot, value) {
    this.#cell.writeUInt32LE(value);
    fs.writeSync(this.#fd, this.#cell, 0, 4, slot * 4);
  }
}

/** Numbers by chance that are the same again for the same seed. */
export function randomFrom(seed) {
  let state = seed | 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}

export const html = { 'content-type': 'text/html; charset=utf-8' };
export const get = (target) => ({ method: 'GET', target, headers: {} });
export const turn = () => new Promise((resolve) => setImmediate(resolve));
