/** Buckets for each factor of ten: neighbours differ by 12 %. */
const perTenfold = 20;
const mostBuckets = 12 * perTenfold;

/** One bucket of a histogram. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** How often values of which size came, in logarithmic buckets from 1 up: the same memory for a million as for one. */
export class Histogram {
  count = 0;
  least = Number.POSITIVE_INFINITY;
  most = 0;
  readonly #buckets = new Float64Array(mostBuckets);

  add(value: number): void {
    const bucket = value < 1 ? 0 : Math.floor(Math.log10(value) * perTenfold);
    this.#buckets[Math.min(bucket, mostBuckets - 1)]! += 1;
    this.count += 1;
    this.least = Math.min(this.least, value);
    this.most = Math.max(this.most, value);
  }

  /** The value that so large a share of all is not above, within 12 %; 0 when there is none. @example quantile(0.5) */
  quantile(share: number): number {
    let left = share * this.count;
    for (const [at, count] of this.#buckets.entries()) {
      if (count > 0 && left <= count) {
        const exponent = (at + left / count) / perTenfold;
        return Math.max(this.least, Math.min(this.most, 10 ** exponent));
      }
      left -= count;
    }
    return this.most;
  }

  /** The buckets from the first to the last that holds something, joined until there are few enough. */
  buckets(most: number): Bucket[] {
    const first = this.#buckets.findIndex((count) => count > 0);
    if (first === -1) return [];
    const last = this.#buckets.findLastIndex((count) => count > 0);
    const joined = Math.ceil((last - first + 1) / most);
    return Array.from({ length: Math.ceil((last - first + 1) / joined) }, (_, index) => {
      const at = first + index * joined;
      const count = this.#buckets.subarray(at, at + joined).reduce((sum, one) => sum + one, 0);
      return { from: edge(at), to: edge(at + joined), count };
    });
  }
}

function edge(bucket: number): number {
  return bucket === 0 ? 0 : 10 ** (bucket / perTenfold);
}
