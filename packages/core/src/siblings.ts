/**
 * The trees beside one that a link leads to: `cache-warm --publish` makes them, and the link may lead to any of them
 * in a moment. A page that was rendered before a purge must not come back with one of them, so they are purged as well.
 */
import fs from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Engine } from './engine.ts';
import { PagetreeError } from './errors.ts';

/** Whole trees have a number for a name; one that is being made has another name until it is whole. */
const wholeName = /^[1-9]\d{0,8}$/;
const treeName = /^[1-9]\d{0,8}(?:\.building)?$/;
const FOLDER = '.releases';

/** The siblings of one tree after another. */
export class Siblings {
  readonly #open: (path: string) => Engine;
  /** By path. To open a tree takes longer than to purge a page in it. */
  readonly #engines = new Map<string, Engine>();

  constructor(open: (path: string) => Engine) {
    this.#open = open;
  }

  /**
   * Purges in every tree beside `root`, unless that is one that is being made: whoever makes it, purges in it alone. A tree that becomes whole gets another name meanwhile, so it is looked until no
   * name is new; one that begins later has later pages.
   *
   * @throws PagetreeError ERR_PAGETREE_PURGE_INCOMPLETE when one of them could not be purged: it may be live in a moment.
   */
  async each(root: string, purge: (engine: Engine) => Promise<unknown>): Promise<void> {
    try {
      await this.#purgeAll(root, purge);
    } catch (error) {
      throw new PagetreeError(
        'ERR_PAGETREE_PURGE_INCOMPLETE',
        `purge of the trees beside ${root}: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }

  async #purgeAll(root: string, purge: (engine: Engine) => Promise<unknown>): Promise<void> {
    const folder = dirname(root);
    if (!folder.endsWith(FOLDER) || !wholeName.test(basename(root))) return;
    const done = new Set([root]);
    for (;;) {
      const paths = (await fs.promises.readdir(folder))
        .filter((name) => treeName.test(name))
        .map((name) => `${folder}/${name}`);
      for (const path of this.#engines.keys()) if (!paths.includes(path)) await this.#drop(path);
      const left = paths.filter((path) => !done.has(path));
      if (left.length === 0) return;
      for (const path of left) {
        done.add(path);
        await this.#purgeOne(path, purge);
      }
    }
  }

  async close(): Promise<void> {
    for (const path of [...this.#engines.keys()]) await this.#drop(path);
  }

  async #purgeOne(path: string, purge: (engine: Engine) => Promise<unknown>): Promise<void> {
    try {
      const engine = this.#engines.get(path) ?? this.#open(path);
      this.#engines.set(path, engine);
      await purge(engine);
    } catch (error) {
      const isNone = error instanceof PagetreeError && error.code === 'ERR_PAGETREE_NO_TREE';
      // It has no page yet; or it has another name now, and is found under that.
      if (!isNone && fs.existsSync(path)) throw error;
    }
  }

  async #drop(path: string): Promise<void> {
    const engine = this.#engines.get(path);
    this.#engines.delete(path);
    await engine?.close();
  }
}
