/**
 * Fills: the folders under `.pagetree/fills/`, one a key being stored. A folder is prepared under a name of its own,
 * with the file of the body in it, and then renamed to the key's: a rename onto a folder that holds something fails, and that
 * is the lock. Whoever unlinks the files in it takes the permission, because every step of a publish is a rename of one of
 * them, and the body's comes first. To rename the folder away would not do: a call that has begun has its folder in hand.
 */
import { basename } from 'node:path';
import { codeOf, foundEntries, type Io, ignoring, isFull, lookAt, quietly } from './io.ts';
import { fillName, type Owner, readFillName, stateOf } from './owner.ts';
import { SIGN, Signs } from './signs.ts';
import { fileTime } from './time.ts';
import { fillFolderOf, type TreePaths } from './tree.ts';

/** What the name of a folder ends in that is not a permission yet. */
const DRAFT = '.new';
/** What a rename onto a folder that holds something fails with. */
const HELD =
  process.platform === 'win32' ? ['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES'] : ['ENOTEMPTY', 'EEXIST'];
/** Each try is lost only to somebody who comes in between. */
const TAKE_TRIES = 64;

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

export interface FillsContext {
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
  readonly #signs: Signs;
  #count = 0;

  constructor(context: FillsContext) {
    this.#context = context;
    this.#signs = new Signs(context);
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
      if (permission !== 'busy') this.#held.set(key, permission);
      else if (this.#held.get(key) === undefined) this.#held.delete(key);
    }
    return permission;
  }

  async #acquire(key: string): Promise<Permission | 'busy'> {
    const { draft, permission } = await this.#prepare(key);
    const { folder } = permission;
    try {
      for (let tries = 0; tries < 3; tries += 1) {
        if (await this.#lock(draft, folder)) return permission;
        const state = await this.stateOf(folder);
        if (state === 'held') break;
        if (state === 'abandoned') await this.take(folder);
      }
    } catch (error) {
      await this.#discard(draft, permission);
      // Somebody cleaned up behind us while we prepared.
      if (codeOf(error) === 'ENOENT') return 'busy';
      throw error;
    }
    await this.#discard(draft, permission);
    return 'busy';
  }

  /** The folder and the file of a permission, under a name that only we know. */
  async #prepare(key: string): Promise<{ draft: string; permission: Permission }> {
    const { tree, io, owner, fileMode, dirMode } = this.#context;
    this.#count += 1;
    const name = fillName(owner, this.#count, key);
    const draft = `${tree.fills}/${name}${DRAFT}`;
    try {
      await io.mkdir(draft, dirMode);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      await ignoring(['EEXIST'], () => io.mkdir(tree.fills, dirMode));
      await io.mkdir(draft, dirMode);
    }
    const folder = fillFolderOf(tree, key);
    const part = (suffix: string): string => `${folder}/${name}.${suffix}`;
    try {
      const fd = await io.create(`${draft}/${name}.body`, fileMode);
      return { draft, permission: { key, folder, body: part('body'), fd, part } };
    } catch (error) {
      await quietly(() => io.rmdir(draft));
      throw error;
    }
  }

  /** Whether what was prepared is the key's permission now; not while another one stands. */
  #lock(draft: string, folder: string): Promise<boolean> {
    return ignoring(HELD, () => this.#context.io.rename(draft, folder));
  }

  async #discard(draft: string, { fd, body }: Permission): Promise<void> {
    const { io } = this.#context;
    await quietly(() => io.close(fd));
    await quietly(() => io.unlink(`${draft}/${basename(body)}`));
    await quietly(() => io.rmdir(draft));
  }

  /** `abandoned`: the maker of a fill is dead, or has had more than its time. */
  async stateOf(folder: string): Promise<'held' | 'abandoned' | 'gone'> {
    try {
      return (await this.#isAbandoned(folder)) ? 'abandoned' : 'held';
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return 'gone';
      throw error;
    }
  }

  async #isAbandoned(folder: string): Promise<boolean> {
    const { io, tree, owner } = this.#context;
    for (const name of [basename(folder), ...(await io.names(folder))]) {
      const maker = readFillName(name);
      const state = maker && stateOf(maker.owner, owner);
      if (state === 'dead') return true;
      // A purge takes the time it takes.
      if (name.endsWith(SIGN) && state !== 'unknown')
        return maker?.owner.instance === owner.instance && !this.#signs.isOurs(folder);
    }
    const { mtimeMs } = await io.lstat(folder);
    return (await fileTime(io, tree)) - mtimeMs > this.timeout;
  }

  /** Removes a folder of fills that nobody uses any more. Returns whether it was one. */
  async clear(folder: string): Promise<boolean> {
    const { io } = this.#context;
    // An empty folder is no permission: a new fill replaces it, and its maker was about to remove it.
    const isDone = !folder.endsWith(DRAFT) && !folder.endsWith(SIGN);
    if (isDone && (await ignoring(['ENOTEMPTY', 'EEXIST', 'ENOENT'], () => io.rmdir(folder)))) return true;
    if ((await this.stateOf(folder)) !== 'abandoned') return false;
    await this.take(folder);
    return ignoring(['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'], () => io.rmdir(folder));
  }

  /**
   * Takes the permission of a fill away, whoever holds it: from here on none of its renames can succeed, not even one that
   * has begun. The folder stays, empty, and is no lock any more. Returns whether there was a permission.
   *
   * @throws the error of the file system.
   */
  async take(folder: string): Promise<boolean> {
    const { io } = this.#context;
    for (let tries = 0; tries < TAKE_TRIES; tries += 1) {
      let names: string[];
      try {
        names = await io.names(folder);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return tries > 0;
        // Somebody put a file there.
        if (codeOf(error) !== 'ENOTDIR') throw error;
        return ignoring(['ENOENT'], () => io.unlink(folder));
      }
      // One look is not enough: a file that was being made comes in after it.
      if (names.length === 0) return tries > 0;
      for (const name of names.sort(bodyFirst)) {
        await ignoring(['ENOENT'], () => io.unlink(`${folder}/${name}`));
      }
    }
    throw new Error(`files came into ${folder} faster than they could be removed`);
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

  /**
   * Does something to a page while nobody can store it. Returns whether it was done: not while somebody stores it. `isOurs`:
   * nobody could in all that time.
   */
  async whileIdle(key: string, act: (isOurs: () => Promise<boolean>) => Promise<void>): Promise<boolean> {
    const permission = await this.acquire(key);
    if (permission === 'busy') return false;
    try {
      await act(async () => (await lookAt(this.#context.io, permission.body)) !== undefined);
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
   * Takes the permission for one key away and keeps it, so that nobody stores the page while it is removed. On a full disk
   * there is none to keep, and nobody can make one.
   */
  async seize(key: string): Promise<{ permission: Permission | undefined; taken: number }> {
    const folder = fillFolderOf(this.#context.tree, key);
    let prepared: { draft: string; permission: Permission };
    try {
      prepared = await this.#prepare(key);
    } catch (error) {
      if (!isFull(error)) throw error;
      return { permission: undefined, taken: (await this.take(folder)) ? 1 : 0 };
    }
    const { draft, permission } = prepared;
    let taken = 0;
    try {
      for (let tries = 0; tries < TAKE_TRIES; tries += 1) {
        if (await this.#lock(draft, folder)) {
          this.#held.set(key, permission);
          return { permission, taken };
        }
        if (await this.take(folder)) taken += 1;
      }
      throw new Error(`new fills of ${key} came faster than they could be taken away`);
    } catch (error) {
      await this.#discard(draft, permission);
      throw error;
    }
  }

  /** Keeps pages from being moved out of sight while they are looked for, until the returned call. See `Signs`. */
  holdMoves(): Promise<() => Promise<void>> {
    this.#count += 1;
    return this.#signs.putUp(this.#count);
  }

  /** Pages are being looked for, so none may be moved. */
  holdsMoves(): Promise<boolean> {
    return this.#signs.areUp(async (sign) => (await this.stateOf(sign)) === 'held');
  }

  /** Takes the permission of every fill away that may be of a key in scope; one that hides its key may be. */
  async takeAll(inScope: (key: string) => boolean): Promise<number> {
    const { tree, io } = this.#context;
    let taken = 0;
    for await (const { name: hash } of foundEntries(io, tree.fills)) {
      if (hash.endsWith(DRAFT) || hash.endsWith(SIGN)) continue;
      const folder = `${tree.fills}/${hash}`;
      const keys = await this.#keysIn(folder);
      if (!keys.some((key) => key === undefined || inScope(key)) || !(await this.take(folder))) continue;
      taken += 1;
      await quietly(() => io.rmdir(folder));
    }
    for (const key of this.#held.keys()) if (inScope(key)) this.#held.delete(key);
    return taken;
  }

  /** The keys that a fill's files name; none when it has published all it had. */
  async #keysIn(folder: string): Promise<(string | undefined)[]> {
    let names: string[] = [];
    await ignoring(['ENOENT', 'ENOTDIR'], async () => {
      names = await this.#context.io.names(folder);
    });
    return names.map((name) => readFillName(name)?.key);
  }
}

/** A publish begins with the body: without it no other part can be put in place for good. */
function bodyFirst(one: string, other: string): number {
  return Number(other.endsWith('.body')) - Number(one.endsWith('.body'));
}
