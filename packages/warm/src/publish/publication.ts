/** One publication: a new tree is made beside the live one, and takes its place when it is good. */
import fs from 'node:fs';
import { join } from 'node:path';
import { type CacheOptions, createPageCache } from '@pagetree/core';
import { WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';
import type { PageResult } from '../results.ts';
import type { Notice } from '../sources/entry.ts';
import { changeBetween } from './changes.ts';
import { nextNumber, treesToRemove } from './decide.ts';
import { cannot, copyWhole, flushFolder, makeFolder } from './files.ts';
import { type FolderLock, removeDrafts } from './lock.ts';
import { takeBuildLock, takeSwitchLock } from './locks.ts';
import {
  doomTrees,
  findTrees,
  liveTree,
  type PublishPaths,
  publishPaths,
  removeTrees,
  switchTo,
  treeAt,
} from './trees.ts';

/** How a publication is begun. */
export interface PublicationOptions {
  /** The link. */
  readonly cacheDir: string;
  /** The mode of folders. */
  readonly dirMode: number;
  /** How many older trees are kept for a rollback. */
  readonly keep: number;
  /** Whether a half-made tree can be gone on with: it is of the same command, and not old. */
  readonly goesOn: (folder: string) => boolean;
  /** Begin a new tree, whatever can be gone on with. @default false */
  readonly restart?: boolean;
  /** Hears of what cannot be removed. */
  readonly onNotice: (notice: Notice) => void;
}

/** What was published. */
export interface Published {
  /** The number of the new tree, which is live now. */
  readonly tree: number;
  /** The number of the tree before; `undefined` when it is the first. */
  readonly previous: number | undefined;
  /** Trees that are kept for a rollback, the newest first. */
  readonly kept: readonly number[];
}

export class Publication {
  readonly paths: PublishPaths;
  /** The tree that is being made. */
  readonly cacheDir: string;
  /** The number of the tree that was live when this began. */
  readonly live: number | undefined;
  readonly #number: number;
  readonly #lock: FolderLock;
  readonly #options: PublicationOptions;
  #ended = false;

  private constructor(
    options: PublicationOptions,
    { paths, live, number, lock }: Pick<Publication, 'paths' | 'live'> & { number: number; lock: FolderLock },
  ) {
    this.paths = paths;
    this.live = live;
    this.#number = number;
    this.#options = options;
    this.#lock = lock;
    this.cacheDir = join(paths.folder, this.#name);
  }

  /**
   * Makes the folder of the new tree, or takes the one that an interrupted run of the same command left, and removes what
   * other runs left. The live tree is not touched.
   *
   * @throws {WarmError} `ERR_PAGETREE_PUBLISH` when the link is none, and when somebody else is publishing.
   */
  static async begin(options: PublicationOptions): Promise<Publication> {
    const { cacheDir, dirMode, goesOn, onNotice, restart = false } = options;
    const paths = publishPaths(cacheDir);
    liveTree(paths);
    makeFolder(paths.folder, dirMode);
    const lock = takeBuildLock(paths);
    try {
      const live = liveTree(paths);
      const { whole, building, rests } = findTrees(paths);
      const mine = restart ? undefined : building.find((name) => goesOn(join(paths.folder, name)));
      const useless = [...rests, ...building.filter((name) => name !== mine)];
      const number = nextNumber([...whole.map(String), ...building, ...rests], live);
      const publication = new Publication(options, { paths, live, number, lock });
      await removeTrees(paths, useless, onNotice);
      removeDrafts(paths.folder);
      // Under a new name: whoever made it so far, and was taken for dead, has nothing to write into any more.
      if (mine !== undefined) fs.renameSync(join(paths.folder, mine), publication.cacheDir);
      else publication.#makeTree(dirMode);
      return publication;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /**
   * Makes an empty tree live where there is none, so that an application which is started for this run opens the link, and
   * does not make a folder of that name.
   */
  static async prepare(tree: CacheOptions, onNotice: PublicationOptions['onNotice']): Promise<void> {
    if (liveTree(publishPaths(tree.cacheDir)) !== undefined) return;
    const { dirMode = 0o755 } = tree;
    const options = { cacheDir: tree.cacheDir, dirMode, keep: 0, goesOn: () => false, onNotice };
    const publication = await Publication.begin(options);
    try {
      const empty = createPageCache({ ...tree, cacheDir: publication.cacheDir, io: 'direct' });
      await empty.close();
      await publication.publish();
    } finally {
      await publication.leave();
    }
  }

  get #name(): string {
    return `${this.#number}.building`;
  }

  /**
   * What the new tree takes over: the names and types in the manifest, which front-end servers were set up for, and the
   * token, so that a middleware on the live tree steps aside and does not hand out the very pages that are to be replaced.
   * The manifest comes last: with it this is a tree, and a purge that opens it would make a token of its own.
   */
  #makeTree(dirMode: number): void {
    makeFolder(this.cacheDir, dirMode);
    if (this.live === undefined) return;
    makeFolder(join(this.cacheDir, '.pagetree'), dirMode);
    for (const name of ['token', 'tree.json']) {
      const old = join(treeAt(this.paths, this.live), '.pagetree', name);
      const fresh = join(this.cacheDir, '.pagetree', name);
      try {
        copyWhole(old, fresh);
      } catch (error) {
        // The live tree was removed by hand: there is nothing to take over.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw cannot(old, error);
      }
    }
  }

  /** A result with the change against the live tree, since everything is new in an empty one. */
  compared<Result extends PageResult>(result: Result): Result {
    const { place, change } = result;
    if (place === undefined || change === undefined) return result;
    const live = this.live === undefined ? undefined : treeAt(this.paths, this.live);
    return { ...result, change: changeBetween(live, this.cacheDir, place) };
  }

  /**
   * Makes the new tree the live one. It must be closed.
   *
   * @param keepLive `false`: there is nothing in the live tree that somebody could want back.
   * @throws {WarmError} `ERR_PAGETREE_PUBLISH` when somebody took it over, because this process stood still for minutes, and
   * when the link is none any more: nothing is switched then.
   */
  async publish(keepLive = true): Promise<Published> {
    const { paths } = this;
    if (!this.#lock.held) throw takenOver(paths);
    const { published, doomed } = await this.#switch(keepLive);
    try {
      const rests = doomed.map((number) => `${number}.removing`);
      await removeTrees(paths, rests, this.#options.onNotice);
    } finally {
      this.#end();
    }
    return published;
  }

  /** Makes the link lead to the new tree, and takes their names from those that go. When it fails, all is as it was. */
  async #switch(keepLive: boolean): Promise<{ published: Published; doomed: readonly number[] }> {
    const { paths } = this;
    const tree = this.#number;
    const lock = await takeSwitchLock(paths);
    try {
      const previous = liveTree(paths);
      this.#move(treeAt(paths, tree));
      flushFolder(paths.folder);
      let whole: readonly number[];
      try {
        ({ whole } = findTrees(paths));
        switchTo(paths, tree);
      } catch (error) {
        // A tree that never was live must not look as if it had been.
        fs.renameSync(treeAt(paths, tree), this.cacheDir);
        throw error;
      }
      const wanted = whole.filter((number) => keepLive || number !== previous);
      const useless = treesToRemove({ whole: wanted, live: tree, previous, keep: this.#options.keep });
      // Not one that was removed by hand.
      if (!keepLive) useless.push(...whole.filter((number) => number === previous));
      const doomed = doomTrees(paths, useless, this.#options.onNotice);
      const kept = whole.filter((number) => number !== tree && !doomed.includes(number)).reverse();
      return { published: { tree, previous, kept }, doomed };
    } finally {
      lock.release();
    }
  }

  /**
   * Gives the new tree up. It is removed, or kept to be looked at until somebody publishes again.
   *
   * @returns where it is, if it is kept.
   */
  async giveUp(keepIt: boolean): Promise<string | undefined> {
    const failed = `${this.#number}.failed`;
    this.#move(join(this.paths.folder, failed));
    try {
      if (!keepIt) await removeTrees(this.paths, [failed], this.#options.onNotice);
    } finally {
      this.#end();
    }
    return keepIt ? join(this.paths.folder, failed) : undefined;
  }

  /** Leaves the new tree half made, if the same command can go on with it, else removes it. May be called after the end. */
  async leave(): Promise<void> {
    try {
      const isMine = !this.#ended && this.#lock.held && fs.existsSync(this.cacheDir);
      if (isMine && !this.#options.goesOn(this.cacheDir)) await this.giveUp(false);
    } finally {
      this.#end();
    }
  }

  #move(to: string): void {
    try {
      fs.renameSync(this.cacheDir, to);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? takenOver(this.paths) : error;
    }
  }

  #end(): void {
    if (!this.#ended) this.#lock.release();
    this.#ended = true;
  }
}

function takenOver({ link }: PublishPaths): WarmError {
  return new WarmError(
    'ERR_PAGETREE_PUBLISH',
    `Another run has taken over the publication of ${printable(link)}, since this one stood still.`,
    { hint: 'Nothing was switched by this run.' },
  );
}
