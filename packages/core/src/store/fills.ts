/**
 * Fills: the folders under `.pagetree/fills/`, one a key being stored. Making the folder is the lock; the file
 * in it is the permission to store. Whoever renames the folder away takes the permission, because every
 * step of a publish is a rename out of that folder.
 */
import { randomBytes } from 'node:crypto';
import { codeOf, foundEntries, type Io, ignoring, quietly } from './io.ts';
import { fillName, type Owner, readFillName, stateOf } from './owner.ts';
import { fillFolderOf, type TreePaths } from './tree.ts';

/** The permission to store one page: an open file that only this fill knows the name of. */
export interface Permission {
  readonly key: string;
  readonly folder: string;
  /** The path of the body while it is written. */
  readonly body: string;
  /** The path of another part of the page: `meta`, `gz`, ... */
  part(suffix: string): string;
  /** The open file of the body. */
  readonly fd: number;
}

interface FillsContext {
  readonly tree: TreePaths;
  readonly io: Io;
  readonly owner: Owner;
  readonly fileMode: number;
  readonly dirMode: number;
  /** Seconds after which an unfinished fill may be taken over. */
  readonly fillTimeout: number;
}

/** The fills of one tree, as one process sees them. */
export class Fills {
  readonly #context: FillsContext;
  readonly #held = new Map<string, Permission | undefined>();
  #count = 0;

  constructor(context: FillsContext) {
    this.#context = context;
  }

  /** How long a fill may take, in milliseconds. */
  get timeout(): number {
    return this.#context.fillTimeout * 1000;
  }

  /** How many permissions this process holds. */
  get held(): number {
    return this.#held.size;
  }

  /**
   * Takes the permission to store a key. `busy` when somebody else has it.
   *
   * @throws the error of the file system.
   */
  async acquire(key: string): Promise<Permission | 'busy'> {
    if (this.#held.has(key)) return 'busy';
    this.#held.set(key, undefined);
    let permission: Permission | 'busy' = 'busy';
    try {
      permission = await this.#acquire(key);
    } finally {
      if (permission === 'busy') this.#held.delete(key);
      else this.#held.set(key, permission);
    }
    return permission;
  }

  async #acquire(key: string): Promise<Permission | 'busy'> {
    const { tree, io, owner, fileMode } = this.#context;
    const folder = fillFolderOf(tree, key);
    if (!(await this.#lock(folder))) return 'busy';
    this.#count += 1;
    const name = `${folder}/${fillName(owner, this.#count, key)}`;
    const body = `${name}.body`;
    try {
      const fd = await io.create(body, fileMode);
      return { key, folder, body, fd, part: (suffix) => `${name}.${suffix}` };
    } catch (error) {
      // The folder was taken in between: by a purge, or by someone who saw it empty for long.
      if (codeOf(error) === 'ENOENT') return 'busy';
      await quietly(() => io.rmdir(folder));
      throw error;
    }
  }

  async #lock(folder: string): Promise<boolean> {
    const { tree, io, dirMode } = this.#context;
    for (let tries = 0; tries < 3; tries += 1) {
      try {
        await io.mkdir(folder, dirMode);
        return true;
      } catch (error) {
        const code = codeOf(error);
        if (code === 'ENOENT') await ignoring(['EEXIST'], () => io.mkdir(tree.fills, dirMode));
        else if (code !== 'EEXIST') throw error;
        else if (!(await this.isAbandoned(folder))) return false;
        else await this.take(folder);
      }
    }
    return false;
  }

  /** The maker of a fill is dead, or has had more than its time. */
  async isAbandoned(folder: string): Promise<boolean> {
    const { io, owner } = this.#context;
    try {
      for (const name of await io.names(folder)) {
        const maker = readFillName(name);
        if (maker && stateOf(maker.owner, owner) === 'dead') return true;
      }
      const { mtimeMs } = await io.lstat(folder);
      return (await this.now()) - mtimeMs > this.timeout;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return true;
      throw error;
    }
  }

  /** The time of the file system, which is the only one that its ages can be compared with. */
  async now(): Promise<number> {
    const { tree, io } = this.#context;
    const probe = `${tree.trash}/${randomBytes(8).toString('hex')}`;
    await io.mkdir(probe, 0o700);
    try {
      return (await io.lstat(probe)).mtimeMs;
    } finally {
      await quietly(() => io.rmdir(probe));
    }
  }

  /**
   * Takes the permission of a fill away, whoever holds it: from here on none of its renames can succeed.
   * Returns whether there was one.
   */
  async take(folder: string): Promise<boolean> {
    const { tree, io } = this.#context;
    const grave = `${tree.trash}/${randomBytes(8).toString('hex')}`;
    try {
      await io.rename(folder, grave);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
    await this.#empty(grave);
    return true;
  }

  /** Gives a permission back: what is left of the fill goes, then the folder. Never throws. */
  async release(permission: Permission, leftovers: readonly string[]): Promise<void> {
    const { io } = this.#context;
    for (const path of leftovers) await quietly(() => io.unlink(path));
    await quietly(() => io.rmdir(permission.folder));
    if (this.#held.get(permission.key) === permission) this.#held.delete(permission.key);
  }

  /** Gives a permission back that nothing was made of. Never throws. */
  async abandon(permission: Permission): Promise<void> {
    await quietly(() => this.#context.io.close(permission.fd));
    await this.release(permission, [permission.body]);
  }

  /** Does something to a page while nobody can store it. Returns whether it was done: not while somebody stores it. */
  async whileIdle(key: string, act: () => Promise<void>): Promise<boolean> {
    const permission = await this.acquire(key);
    if (permission === 'busy') return false;
    try {
      await act();
    } finally {
      await this.abandon(permission);
    }
    return true;
  }

  /** Whether somebody stores a key right now. */
  async isBusy(key: string): Promise<boolean> {
    const { tree, io } = this.#context;
    return ignoring(['ENOENT'], async () => void (await io.lstat(fillFolderOf(tree, key))));
  }

  /**
   * Takes the permission for one key away and keeps it, so that nobody stores the page while it is removed.
   * `undefined` when new fills came faster than we could take them: then the page is removed without.
   */
  async seize(key: string): Promise<{ permission: Permission | undefined; taken: number }> {
    const folder = fillFolderOf(this.#context.tree, key);
    let taken = 0;
    for (let tries = 0; tries < 8; tries += 1) {
      if (await this.take(folder)) taken += 1;
      this.#held.delete(key);
      const permission = await this.acquire(key);
      if (permission !== 'busy') return { permission, taken };
    }
    if (await this.take(folder)) taken += 1;
    return { permission: undefined, taken };
  }

  /** Takes the permission of every fill away that may be of a key in scope; one that hides its key may be. */
  async takeAll(inScope: (key: string) => boolean): Promise<number> {
    const { tree, io } = this.#context;
    let taken = 0;
    for await (const { name: hash } of foundEntries(io, tree.fills)) {
      const folder = `${tree.fills}/${hash}`;
      const keys = await this.#keysIn(folder);
      if (keys === undefined || keys.some((key) => key === undefined || inScope(key))) {
        if (await this.take(folder)) taken += 1;
      }
    }
    for (const key of this.#held.keys()) if (inScope(key)) this.#held.delete(key);
    return taken;
  }

  /** The keys that a fill's files name; `undefined` when there is no file yet. */
  async #keysIn(folder: string): Promise<(string | undefined)[] | undefined> {
    let names: string[] = [];
    await ignoring(['ENOENT', 'ENOTDIR'], async () => {
      names = await this.#context.io.names(folder);
    });
    return names.length === 0 ? undefined : names.map((name) => readFillName(name)?.key);
  }

  async #empty(grave: string): Promise<void> {
    const { io } = this.#context;
    for (const name of await io.names(grave)) await ignoring(['ENOENT'], () => io.unlink(`${grave}/${name}`));
    await ignoring(['ENOENT'], () => io.rmdir(grave));
  }
}
