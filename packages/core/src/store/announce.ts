/** How a process says that it stores or removes a page: by a file whose name is never used again. */
import { codeOf, type Io, ignoring } from './io.ts';
import { fillName, type Owner } from './owner.ts';
import { fillFolderOf, hashOf, type TreePaths } from './tree.ts';

/** The permission to store one page: an open file that only this fill knows the name of. */
export interface Permission {
  readonly key: string;
  /** What the names of all files of fills of this key begin with. */
  readonly prefix: string;
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
  /** The file system folds names. It may list them in lower case, so those of fills do not show their keys there. */
  readonly folds: boolean;
  /** Seconds after which an unfinished fill may be taken over. */
  readonly fillTimeout: number;
}

/** Makes the names and files of one process in a tree. */
export class Announcer {
  readonly #context: FillsContext;
  #count = 0;

  constructor(context: FillsContext) {
    this.#context = context;
  }

  /** A number that this process has not used yet. */
  next(): number {
    this.#count += 1;
    return this.#count;
  }

  /**
   * Makes the file that says that a key is being filled, or removed.
   *
   * @throws the error of the file system.
   */
  async announce(key: string, part: 'body' | 'lock'): Promise<Permission> {
    const { tree, io, fileMode, dirMode } = this.#context;
    const { name, prefix, folder } = this.#nameOf(key);
    const body = `${name}.${part}`;
    let fd: number | undefined;
    for (let tries = 0; fd === undefined; tries += 1) {
      try {
        fd = await io.create(body, fileMode);
      } catch (error) {
        // The first fill here, or somebody tidied up.
        if (codeOf(error) !== 'ENOENT' || tries > 2) throw error;
        await ignoring(['EEXIST'], () => io.mkdir(tree.fills, dirMode));
        await ignoring(['EEXIST'], () => io.mkdir(folder, dirMode));
      }
    }
    return { key, prefix, folder, body, fd, part: (suffix) => `${name}.${suffix}` };
  }

  /**
   * Makes the lock of one key that of another, in one call and without a new inode. Its name was never used before and is not
   * again, so where the call succeeds it was still ours. `undefined`: it is gone, or could not be renamed.
   */
  async rename(before: Permission, key: string): Promise<Permission | undefined> {
    const { name, prefix, folder } = this.#nameOf(key);
    const body = `${name}.lock`;
    try {
      await this.#context.io.rename(before.body, body);
    } catch {
      return undefined;
    }
    return { key, prefix, folder, body, fd: before.fd, part: (suffix) => `${name}.${suffix}` };
  }

  /** A name for the files of a fill, that no other has. */
  #nameOf(key: string): { name: string; prefix: string; folder: string } {
    const { tree, owner, folds } = this.#context;
    const prefix = `${hashOf(key)}.`;
    const folder = fillFolderOf(tree, prefix);
    return { name: `${folder}/${prefix}${fillName(owner, this.next(), folds ? '' : key)}`, prefix, folder };
  }
}
