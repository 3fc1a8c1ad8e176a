/** What a page must look like beyond the rules of the cache, so that an error page with the status 200 is found out. */
import type { HeaderMap } from '@pagetree/core';
import type { WarmReason } from '../reasons.ts';

/** What every page is checked against. */
export interface PageChecks {
  /** Texts that every HTML page must have, each of them. */
  readonly mustContain: readonly string[];
  /** Texts that no HTML page may have. */
  readonly mustNotContain: readonly string[];
  /** The least bytes of a page. */
  readonly minSize: number;
}

/** Whether there is anything that a body is checked against. */
export function looksAtBodies({ mustContain, mustNotContain, minSize }: PageChecks): boolean {
  return mustContain.length > 0 || mustNotContain.length > 0 || minSize > 0;
}

/** What is wrong with a page. */
export interface Fault {
  readonly reason: WarmReason;
  readonly detail: string;
}

interface Wanted {
  readonly text: string;
  readonly bytes: Buffer;
  found: boolean;
}

/** Looks at one body as it comes. Holds no more of it than the longest text. */
export class BodyCheck {
  readonly #minSize: number;
  readonly #wanted: readonly Wanted[];
  readonly #forbidden: readonly Wanted[];
  readonly #keep: number;
  readonly #encoded: string | undefined;
  #tail = Buffer.alloc(0);
  #size = 0;

  constructor({ mustContain, mustNotContain, minSize }: PageChecks, headers: HeaderMap) {
    const isHtml = /^\s*(text\/html|application\/xhtml\+xml)\b/i.test(
      String(headers['content-type'] ?? 'text/html'),
    );
    this.#minSize = minSize;
    this.#wanted = isHtml ? mustContain.map(toWanted) : [];
    this.#forbidden = isHtml ? mustNotContain.map(toWanted) : [];
    const longest = [...this.#wanted, ...this.#forbidden].map(({ bytes }) => bytes.length);
    this.#keep = Math.max(0, ...longest) - 1;
    const coding = headers['content-encoding'];
    const looks = minSize > 0 || longest.length > 0;
    this.#encoded =
      looks && coding !== undefined && !/^\s*identity\s*$/i.test(String(coding)) ? String(coding) : undefined;
  }

  write(chunk: Uint8Array): void {
    this.#size += chunk.length;
    if (this.#keep < 0) return;
    const bytes = Buffer.concat([this.#tail, chunk]);
    for (const wanted of this.#wanted) wanted.found ||= bytes.includes(wanted.bytes);
    for (const wanted of this.#forbidden) wanted.found ||= bytes.includes(wanted.bytes);
    this.#tail = this.#keep === 0 ? Buffer.alloc(0) : bytes.subarray(-this.#keep);
  }

  /** The body has ended: what is wrong with it. */
  end(): Fault | undefined {
    if (this.#encoded !== undefined) {
      // Nobody asked for it, and what cannot be looked at is not passed.
      return {
        reason: 'encoding',
        detail: `content-encoding: ${this.#encoded}, so its text cannot be checked`,
      };
    }
    if (this.#size < this.#minSize) {
      return { reason: 'too-small', detail: `${this.#size} bytes, at least ${this.#minSize} are expected` };
    }
    const missing = this.#wanted.find(({ found }) => !found);
    if (missing !== undefined) return { reason: 'wrong-text', detail: `does not contain "${missing.text}"` };
    const there = this.#forbidden.find(({ found }) => found);
    return there && { reason: 'wrong-text', detail: `contains "${there.text}"` };
  }
}

function toWanted(text: string): Wanted {
  return { text, bytes: Buffer.from(text), found: false };
}
