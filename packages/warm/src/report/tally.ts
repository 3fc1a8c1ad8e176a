import { Seen } from '../plan/seen.ts';
import type { WarmReason } from '../reasons.ts';
import type { Change, Outcome, PageResult, ReasonCount } from '../results.ts';

/** Counts results by outcome and reason, in memory that does not depend on their number; with `notes`, see `Seen`. */
export class Tally {
  readonly counts: Record<Outcome, number> = { stored: 0, present: 0, refused: 0, failed: 0, planned: 0 };
  /** How the tree changed. */
  readonly changes: Record<Change, number> = { new: 0, changed: 0, same: 0, gone: 0 };
  /** Bytes of the bodies that were stored. */
  bytes = 0;
  /** Pages that the origin was asked about, and that did not change. */
  unchanged = 0;
  /** Pages that were stored for the middleware alone. */
  privatePages = 0;
  /** Pages that were stored or present, and made room for others again. */
  evicted = 0;
  readonly #places: Seen | undefined;
  readonly #reasons = new Map<string, { -readonly [K in keyof ReasonCount]: ReasonCount[K] }>();

  /** @param notes Several URLs may have one page, since redirects are followed; or pages may be evicted again. */
  constructor(notes = false) {
    if (notes) this.#places = new Seen();
  }

  get urls(): number {
    const { stored, present, refused, failed, planned } = this.counts;
    return stored + present + refused + failed + planned;
  }

  /** Where pages are noted: those that are in the tree, each once. `undefined`: every URL has its own. */
  get pages(): number | undefined {
    return this.#places && this.#places.size - this.evicted;
  }

  /** URLs that are not in the tree after all. */
  get notStored(): number {
    return this.counts.refused + this.counts.failed;
  }

  /** What a summary says of the pages. */
  get sums() {
    const { urls, counts, pages, evicted, unchanged, privatePages, bytes } = this;
    return {
      urls,
      ...counts,
      ...(pages !== undefined && { pages }),
      ...(evicted > 0 && { evicted }),
      unchanged,
      ...(privatePages > 0 && { privatePages }),
      bytes,
      reasons: this.reasons(),
    };
  }

  add({ outcome, reason, bytes, change, milliseconds, place }: PageResult): void {
    this.counts[outcome] += 1;
    if (place !== undefined && (outcome === 'stored' || outcome === 'present')) this.#places?.add(place);
    if (change !== undefined) this.changes[change] += 1;
    if (outcome === 'present' && milliseconds !== undefined) this.unchanged += 1;
    if (outcome === 'stored') this.bytes += bytes ?? 0;
    if (outcome === 'stored' && place?.startsWith('.pagetree/private/')) this.privatePages += 1;
    if (outcome === 'refused' || outcome === 'failed') this.#addReason(outcome, reason ?? 'fetch-error');
  }

  /** Finds out which of the pages that were noted are not among those of the tree. */
  async compare(tree: AsyncIterable<{ readonly place: string }>): Promise<void> {
    if (this.#places === undefined) return;
    let left = 0;
    for await (const { place } of tree) if (this.#places.has(place)) left += 1;
    this.evicted = this.#places.size - left;
  }

  #addReason(outcome: 'refused' | 'failed', reason: WarmReason): void {
    const key = `${outcome} ${reason}`;
    const counted = this.#reasons.get(key);
    if (counted === undefined) this.#reasons.set(key, { reason, outcome, count: 1 });
    else counted.count += 1;
  }

  /** The most frequent first. */
  reasons(): ReasonCount[] {
    return [...this.#reasons.values()].sort(
      (one, other) => other.count - one.count || one.reason.localeCompare(other.reason, 'en'),
    );
  }
}
