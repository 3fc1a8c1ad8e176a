import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir, totalmem, type } from 'node:os';
import { resolve } from 'node:path';

/** What a reader must know of the machine to judge a result; nothing that says whose it is. */
export function machineFacts() {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim(),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    kernel: `${type()} ${release()}`,
    fileSystem: fileSystemOf(tmpdir()),
    loadBefore: loadavg()[0],
  };
}

/** The kind of file system a folder is on: `ext4`, `tmpfs`. */
function fileSystemOf(folder) {
  try {
    const mounts = readFileSync('/proc/mounts', 'utf8').trim().split('\n');
    const path = `${resolve(folder)}/`;
    return mounts
      .map((line) => line.split(' '))
      .filter(([, at]) => path.startsWith(at === '/' ? '/' : `${at}/`))
      .sort(([, one], [, other]) => one.length - other.length)
      .at(-1)?.[2];
  } catch {
    return undefined;
  }
}

/**
 * The version of a peer, or a sentence on how to get it.
 * @param {string} debian the package that has it
 */
export function peer(program, debian, ...args) {
  const { error, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  if (error === undefined) return stdout.split('\n', 1)[0].trim();
  throw Object.assign(
    new Error(`${program} is compared with, and is not installed. On Debian: apt-get install ${debian}`),
    { missing: program },
  );
}
