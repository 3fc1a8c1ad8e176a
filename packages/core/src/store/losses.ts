/** What an audit finds lost of pages that are there: no fault of the tree, since each page is whole without. */
import { lostBehindServers } from '../entry/headers.ts';
import type { Meta } from '../entry/meta.ts';
import { type Area, fileIn } from './area.ts';
import type { Fills } from './fills.ts';
import type { Fault, Finding } from './findings.ts';
import { type Io, lookAt } from './io.ts';
import { readMeta } from './read.ts';
import { settled } from './settled.ts';

/** Missed variants that are remembered before they are looked at again. */
const MISSED = 1000;

/** Where a page is. */
interface Spot {
  readonly area: Area;
  readonly path: string;
  readonly key: string;
}

interface LossesContext {
  readonly io: Io;
  readonly fills: Fills;
  /** The rule of the manifest about `Cache-Control` for a key. */
  cacheControlOf(key: string): string | undefined;
}

/** The losses that one audit finds. */
export class Losses {
  readonly #context: LossesContext;
  readonly #missed: (Spot & { readonly suffix: string })[] = [];

  constructor(context: LossesContext) {
    this.#context = context;
  }

  /** What is lost of a page; variants may be told of later. */
  async *of(spot: Spot): AsyncGenerator<Finding> {
    const { area, path, key } = spot;
    const meta = await this.#metaAt(spot);
    if (meta === undefined) return;
    const lost = lostBehindServers(meta.headers, meta.cacheControl, this.#context.cacheControlOf(key));
    if (lost.length > 0 && !area.isHidden)
      yield { fault: 'lost-headers', path, key, detail: lost.join(', ') };
    for (const suffix of meta.variants ?? [])
      if (await this.#isMissed(spot, suffix, meta)) this.#missed.push({ ...spot, suffix });
    if (this.#missed.length >= MISSED) yield* this.rest();
  }

  /**
   * The missed variants that are still missed. A purge that overtook a fill leaves its page without variants until one of the
   * two removes it, and nobody holds the key then: such a page is gone by the end of the audit.
   */
  async *rest(): AsyncGenerator<Finding> {
    for (const { suffix, ...spot } of this.#missed.splice(0)) {
      const { area, path, key } = spot;
      const judge = async (): Promise<Fault | undefined> =>
        (await this.#isMissed(spot, suffix, await this.#metaAt(spot))) ? 'lost-variant' : undefined;
      const fault = (await judge()) && (await settled(this.#context, key, judge));
      if (fault) yield { fault, path: area.pagesAt + path + suffix, key };
    }
  }

  async #isMissed({ area, path }: Spot, suffix: string, meta: Meta | undefined): Promise<boolean> {
    if (meta?.variants?.includes(suffix) !== true) return false;
    return !(await lookAt(this.#context.io, fileIn(area, path + suffix)));
  }

  async #metaAt({ area, path, key }: Spot): Promise<Meta | undefined> {
    const { io } = this.#context;
    const facts = await lookAt(io, fileIn(area, path));
    return facts && readMeta(io, area.tree, key, { ...facts, path });
  }
}
