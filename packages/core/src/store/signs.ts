/**
 * Signs: folders beside the fills that say "pages are being looked for". While one is up nobody moves a page into a folder or
 * back, where whoever reads folder after folder would miss it.
 */
import type { FillsContext } from './announce.ts';
import { foundEntries, isFull, quietly } from './io.ts';
import { fillName } from './owner.ts';

/** What the name of a sign ends in. */
export const SIGN = '.purge';

/** The signs of one tree, as one process sees them. */
export class Signs {
  readonly #context: FillsContext;
  /** Those of this cache's purges under way: one that is left could not be removed. */
  readonly #ours = new Set<string>();

  constructor(context: FillsContext) {
    this.#context = context;
  }

  /** A purge of this cache is under way for it. */
  isOurs(sign: string): boolean {
    return this.#ours.has(sign);
  }

  /**
   * Puts a sign up, until the returned call. Comes before the permissions are taken: a move that began before is then one of
   * those.
   *
   * @param count a number that this cache uses once.
   */
  async putUp(count: number): Promise<() => Promise<void>> {
    const { tree, io, owner, dirMode } = this.#context;
    const sign = `${tree.fills}/${fillName(owner, count, '')}${SIGN}`;
    this.#ours.add(sign);
    const takeDown = (): Promise<void> => {
      this.#ours.delete(sign);
      return quietly(() => io.rmdir(sign));
    };
    try {
      await io.mkdir(sign, dirMode);
    } catch (error) {
      await takeDown();
      // On a full disk nobody can begin to move a page either.
      if (!isFull(error)) throw error;
    }
    return takeDown;
  }

  /** Whether any sign is up; one whose maker is dead does not count. */
  async areUp(isUp: (name: string) => Promise<boolean>): Promise<boolean> {
    const { tree, io } = this.#context;
    for await (const { name } of foundEntries(io, tree.fills)) {
      if (name.endsWith(SIGN) && (await isUp(name))) return true;
    }
    return false;
  }
}
