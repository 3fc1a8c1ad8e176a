/**
 * Fills: the files of the pages that are being stored, in a few folders under `.pagetree/fills/`. The file of the body, under a
 * name that is never used again, says that its key is being filled; whoever made it looks at the folder *then*, and fills only when
 * nobody else's file is there for that key. Of two that come at once at most one sees nobody: that is the lock. Whoever unlinks
 * the files takes the permission, because every step of a publish is a rename of one of them, and the body's comes first.
 */
import { Announcer, type FillsContext, type Permission } from './announce.ts';
import { filesByFill, fillOf, namesOf, takeFills } from './fill-files.ts';
import { foundEntries, isFull, lookAt, quietly } from './io.ts';
import { readFillName, stateOf } from './owner.ts';
import { SIGN, Signs } from './signs.ts';
import { fileTime } from './time.ts';
import { fillFolderOf, hashOf } from './tree.ts';

/** The file of who removes something of a page: it keeps fills away, and no purge takes it. */
const LOCK = '.lock';
/** How often who comes first by name looks for the others to withdraw. */
const LOOKS = 4;

/** Files of a fill that its maker will not go on with. */
export interface Abandoned {
  /** The first of its files, relative to the folder of fills. */
  readonly path: string;
  readonly key: string | undefined;
  /** Removes all of it. */
  readonly remove: () => Promise<void>;
}

/** The fills of one tree, as one process sees them. */
export class Fills {
  readonly #context: FillsContext;
  readonly #held = new Map<string, Permission | undefined>();
  readonly #signs: Signs;
  readonly #announcer: Announcer;

  constructor(context: FillsContext) {
    this.#context = context;
    this.#signs = new Signs(context);
    this.#announcer = new Announcer(context);
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
  acquire(key: string): Promise<Permission | 'busy'> {
    return this.#hold(key, 'body');
  }

  async #hold(key: string, part: 'body' | 'lock'): Promise<Permission | 'busy'> {
    if (this.#held.has(key)) return 'busy';
    this.#held.set(key, undefined);
    let permission: Permission | 'busy' = 'busy';
    try {
      permission = await this.#acquire(key, part);
    } finally {
      if (permission !== 'busy') this.#held.set(key, permission);
      else if (this.#held.get(key) === undefined) this.#held.delete(key);
    }
    return permission;
  }

  async #acquire(key: string, part: 'body' | 'lock'): Promise<Permission | 'busy'> {
    const permission = await this.#announcer.announce(key, part);
    try {
      if (await this.#isAlone(permission)) return permission;
    } catch (error) {
      await this.abandon(permission);
      throw error;
    }
    await this.abandon(permission);
    return 'busy';
  }

  /** Whether nobody else stores or removes the page, after our file was made. Who is dead or overdue is nobody. */
  async #isAlone({ folder, prefix, body }: Permission): Promise<boolean> {
    const own = fillOf(body.slice(folder.length + 1));
    for (let looks = 0; looks < LOOKS; looks += 1) {
      const others = filesByFill(await namesOf(this.#context.io, folder), prefix);
      others.delete(own);
      if (others.size === 0) return true;
      for (const [fill, [name]] of [...others].sort()) {
        const state = await this.#stateOf(folder, name!);
        if (state === 'abandoned') {
          await takeFills(this.#context.io, folder, (one) => one === fill);
          break;
        }
        // Of those who came at once the first by name may stay. Who saw nobody has begun, and does not go.
        if (state === 'held' && fill < own) return false;
      }
    }
    return false;
  }

  /** `abandoned`: the maker of a file is dead, or has had more than its time since it wrote to it. */
  async #stateOf(folder: string, name: string): Promise<'held' | 'abandoned' | 'gone'> {
    const { io, tree, owner } = this.#context;
    const maker = readFillName(name);
    if (maker && stateOf(maker.owner, owner) === 'dead') return 'abandoned';
    const facts = await lookAt(io, `${folder}/${name}`);
    if (facts === undefined) return 'gone';
    return (await fileTime(io, tree)) - facts.ctimeMs > this.timeout ? 'abandoned' : 'held';
  }

  /** A sign is up until its maker is dead, or has forgotten it: a purge takes the time it takes. */
  async #isUp(name: string): Promise<boolean> {
    const { io, tree, owner } = this.#context;
    const sign = `${tree.fills}/${name}`;
    const maker = readFillName(name);
    const state = maker && stateOf(maker.owner, owner);
    if (state === 'dead') return false;
    if (maker && state !== 'unknown')
      return maker.owner.instance !== owner.instance || this.#signs.isOurs(sign);
    const facts = await lookAt(io, sign);
    return facts !== undefined && (await fileTime(io, tree)) - facts.mtimeMs <= this.timeout;
  }

  /** What was left by who is dead or overdue: fills, and signs of purges. */
  async *abandoned(): AsyncGenerator<Abandoned> {
    const { tree, io } = this.#context;
    for await (const { name, kind } of foundEntries(io, tree.fills)) {
      const path = `${tree.fills}/${name}`;
      if (name.endsWith(SIGN)) {
        if (!(await this.#isUp(name)) && (await lookAt(io, path)))
          yield { path: name, key: undefined, remove: () => quietly(() => io.rmdir(path)) };
        continue;
      }
      if (kind !== 'folder') continue;
      for (const [fill, [file]] of filesByFill(await namesOf(io, path))) {
        if ((await this.#stateOf(path, file!)) !== 'abandoned') continue;
        // A fill that ended meanwhile is not one that was left.
        if (!(await lookAt(io, `${path}/${file}`))) continue;
        const remove = async (): Promise<void> => void (await takeFills(io, path, (one) => one === fill));
        yield { path: `${name}/${file}`, key: readFillName(file!)?.key, remove };
      }
    }
  }

  /** Removes folders of fills that have nothing in them; who needs one makes it again. */
  async tidy(): Promise<void> {
    const { tree, io } = this.#context;
    for await (const { name, kind } of foundEntries(io, tree.fills)) {
      if (kind === 'folder' && !name.endsWith(SIGN)) await quietly(() => io.rmdir(`${tree.fills}/${name}`));
    }
  }

  /** Gives a permission back: what is left of the fill goes. Never throws. */
  async release(permission: Permission, leftovers: readonly string[]): Promise<void> {
    const { io } = this.#context;
    for (const path of leftovers) await quietly(() => io.unlink(path));
    if (this.#held.get(permission.key) === permission) this.#held.delete(permission.key);
  }

  /** Gives a permission back that nothing was made of. Never throws. */
  async abandon(permission: Permission): Promise<void> {
    await quietly(() => this.#context.io.close(permission.fd));
    await this.release(permission, [permission.body]);
  }

  /**
   * Removes something of a page while nobody can store it. Returns whether it was done: not while somebody stores it. `isOurs`:
   * nobody took us for overdue, so nobody could in all that time.
   */
  async whileIdle(key: string, act: (isOurs: () => Promise<boolean>) => Promise<void>): Promise<boolean> {
    const permission = await this.#hold(key, 'lock');
    if (permission === 'busy') return false;
    try {
      await act(async () => (await lookAt(this.#context.io, permission.body)) !== undefined);
    } finally {
      await this.abandon(permission);
    }
    return true;
  }

  /** Whether somebody stores or removes the page of a key right now. */
  async isBusy(key: string): Promise<boolean> {
    const prefix = `${hashOf(key)}.`;
    return (await namesOf(this.#context.io, fillFolderOf(this.#context.tree, prefix))).some((name) =>
      name.startsWith(prefix),
    );
  }

  /**
   * Keeps fills of one key away, and takes the permission of those that are there, so that nobody stores the page while it is
   * removed. On a full disk nothing can be kept away, and nobody can begin a fill.
   *
   * @param before what keeps fills of another page away that was removed by now: it is given back, or becomes that of this page.
   */
  async seize(
    key: string,
    before?: Permission,
  ): Promise<{ permission: Permission | undefined; taken: number }> {
    const prefix = `${hashOf(key)}.`;
    const folder = fillFolderOf(this.#context.tree, prefix);
    const take = (): Promise<number> =>
      takeFills(this.#context.io, folder, (fill, [name]) => fill.startsWith(prefix) && !name!.endsWith(LOCK));
    let permission: Permission;
    try {
      permission = (await this.#reuse(before, key)) ?? (await this.#announcer.announce(key, 'lock'));
    } catch (error) {
      if (!isFull(error)) throw error;
      return { permission: undefined, taken: await take() };
    }
    try {
      const taken = await take();
      // A fill of this process that was taken keeps no newer one away.
      this.#held.delete(key);
      return { permission, taken };
    } catch (error) {
      await this.abandon(permission);
      throw error;
    }
  }

  /** The lock of a page that was removed, for the next one; `undefined`: it is given back, or there is none. */
  async #reuse(before: Permission | undefined, key: string): Promise<Permission | undefined> {
    const reused = before && (await this.#announcer.rename(before, key));
    if (before && !reused) await this.abandon(before);
    return reused;
  }

  /** Keeps pages from being moved out of sight while they are looked for, until the returned call. See `Signs`. */
  holdMoves(): Promise<() => Promise<void>> {
    return this.#signs.putUp(this.#announcer.next());
  }

  /** Pages are being looked for, so none may be moved. */
  holdsMoves(): Promise<boolean> {
    return this.#signs.areUp((name) => this.#isUp(name));
  }

  /** Takes the permission of every fill away that may be of a key in scope; one that hides its key may be. */
  async takeAll(inScope: (key: string) => boolean): Promise<number> {
    const { tree, io } = this.#context;
    const isWanted = (_fill: string, [name]: readonly string[]): boolean => {
      const key = readFillName(name!)?.key;
      return !name!.endsWith(LOCK) && (key === undefined || inScope(key));
    };
    let taken = 0;
    for await (const { name, kind } of foundEntries(io, tree.fills)) {
      if (kind === 'folder' && !name.endsWith(SIGN))
        taken += await takeFills(io, `${tree.fills}/${name}`, isWanted);
    }
    for (const key of this.#held.keys()) if (inScope(key)) this.#held.delete(key);
    return taken;
  }
}
