import type { WarmReason } from '../reasons.ts';
import type { Change, Outcome, PageResult, ReasonCount } from '../results.ts';

/** Counts results by outcome and reason. Takes the same memory for a million as for one. */
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
  readonly #reasons = new Map<string, { -readonly [K in keyof ReasonCount]: ReasonCount[K] }>();

  get urls(): number {
    const { stored, present, refused, failed, planned } = this.counts;
    return stored + present + refused + failed + planned;
  }

  /** URLs that are not in the tree after all. */
  get notStored(): number {
    return this.counts.refused + this.counts.failed;
  }

  add({ outcome, reason, bytes, change, milliseconds, place }: PageResult): void {
    this.counts[outcome] += 1;
    if (change !== undefined) this.changes[change] += 1;
    if (outcome === 'present' && milliseconds !== undefined) this.unchanged += 1;
    if (outcome === 'stored') this.bytes += bytes ?? 0;
    if (outcome === 'stored' && place?.startsWith('.pagetree/private/')) this.privatePages += 1;
    if (outcome === 'refused' || outcome === 'failed') this.#addReason(outcome, reason ?? 'fetch-error');
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
