/** A lock that lasts as long as its process, on any file system, and across machines that share one. */
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** The holder says so often that it is alive, and counts as gone after so long without a word. In milliseconds. */
const beat = 30_000;
const patience = 300_000;

const sign = /^([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{12}$/;

/**
 * The folder is the lock; the file in it says whose it is. The folder comes by a rename with the file in it, and a
 * rename onto a folder with something in it fails. The name of the file is never used again, so whoever unlinks that of
 * a dead holder takes nothing from the next one.
 */
export class FolderLock {
  readonly #folder: string;
  readonly #file: string;
  readonly #timer: NodeJS.Timeout;

  private constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#file = join(folder, name);
    this.#timer = setInterval(() => this.#tellAlive(), beat).unref();
  }

  /** @returns `undefined` when somebody else has it. */
  static take(folder: string): FolderLock | undefined {
    const name = `${thisHost()}-${process.pid}-${randomBytes(6).toString('hex')}`;
    const draft = `${folder}.${name}`;
    fs.mkdirSync(draft);
    try {
      fs.closeSync(fs.openSync(join(draft, name), 'wx'));
      // The second try comes after what a dead holder left is gone.
      for (let tries = 0; tries < 2; tries += 1) {
        try {
          fs.renameSync(draft, folder);
          return new FolderLock(folder, name);
        } catch (error) {
          if (!isTaken(error)) throw error;
        }
        if (!unlinkDead(folder)) return undefined;
      }
      return undefined;
    } finally {
      fs.rmSync(draft, { recursive: true, force: true });
    }
  }

  /** Whether it is ours still: a process that stood still for minutes is taken for dead. */
  get held(): boolean {
    return fs.existsSync(this.#file);
  }

  release(): void {
    clearInterval(this.#timer);
    fs.rmSync(this.#file, { force: true });
    try {
      fs.rmdirSync(this.#folder);
    } catch {
      // The next holder has it already, or an empty folder stays: that is no lock.
    }
  }

  #tellAlive(): void {
    try {
      fs.utimesSync(this.#file, new Date(), new Date());
    } catch {
      // `held` says what became of it.
    }
  }
}

/** Removes what processes left that were killed while they asked for a lock. */
export function removeDrafts(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    const [, owner] = /^\w+\.lock\.([-0-9a-f]+)$/.exec(name) ?? [];
    const draft = join(folder, name);
    if (owner !== undefined && isDead(owner, draft)) fs.rmSync(draft, { recursive: true, force: true });
  }
}

function thisHost(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}

/** POSIX leaves the choice of the first two; Windows says the last ones. */
function isTaken(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM' || code === 'EACCES';
}

/** Unlinks what holders left that are gone; `false` when one is alive. */
function unlinkDead(folder: string): boolean {
  let names: string[];
  try {
    names = fs.readdirSync(folder);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
  for (const name of names) {
    const file = join(folder, name);
    if (!isDead(name, file)) return false;
    fs.rmSync(file, { force: true });
  }
  return true;
}

function isDead(name: string, file: string): boolean {
  const [, host, pid] = sign.exec(name) ?? [];
  if (host === thisHost() && !isRunning(Number(pid))) return true;
  const found = fs.statSync(file, { throwIfNoEntry: false });
  return found === undefined || Date.now() - found.mtimeMs > patience;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
