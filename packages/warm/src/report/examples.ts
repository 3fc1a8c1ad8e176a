import type { ReasonCount, UrlResult } from '../results.ts';

/** The first few URLs of each reason. */
export class Examples {
  readonly #most: number;
  readonly #byReason = new Map<string, UrlResult[]>();

  /** @param most How many are kept for each reason. */
  constructor(most: number) {
    this.#most = most;
  }

  add(result: UrlResult): void {
    if (result.reason === undefined) return;
    const key = `${result.outcome} ${result.reason}`;
    const kept = this.#byReason.get(key);
    if (kept === undefined) this.#byReason.set(key, [result]);
    else if (kept.length < this.#most) kept.push(result);
  }

  of({ outcome, reason }: Pick<ReasonCount, 'outcome' | 'reason'>): readonly UrlResult[] {
    return this.#byReason.get(`${outcome} ${reason}`) ?? [];
  }
}
