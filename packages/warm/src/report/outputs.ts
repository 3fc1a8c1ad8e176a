import type { UrlResult, WarmSummary } from '../results.ts';

/** How a run ended. */
export interface Ending {
  readonly exitCode: number;
  /** Why it is not good enough, a sentence each; none when it is. */
  readonly missed: readonly string[];
  /** What it had to reach, as it was said; `undefined` in a dry run, which has to reach nothing. */
  readonly expected?: { readonly failOn: string; readonly minPages: number } | undefined;
}

/** Something that is written beside a run: a report, a list, a change report. */
export interface Output {
  /** @param made as other programs need it: what is told has no secrets in it. */
  result(told: UrlResult, made: UrlResult): void;
  /** A page was removed because no source names it: its URL, and its file in the tree. */
  gone?(url: string, place: string): void;
  /** Resolves when it can take more results, or `signal` is aborted. Without it, it always can. */
  room?(signal: AbortSignal): Promise<void>;
  /** @throws {WarmError} `ERR_PAGETREE_REPORT` when it cannot be written. */
  finish(summary: WarmSummary, ending: Ending): void | Promise<void>;
  /** The run came to nothing: leaves nothing behind. */
  discard(): void;
}

/** Opens every output before the first page is fetched; when one cannot be opened, none is left. */
export class Outputs {
  readonly #open: Output[] = [];

  /** @throws {WarmError} what `make` throws. */
  add(make: () => Output): void {
    try {
      this.#open.push(make());
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  result(told: UrlResult, made: UrlResult): void {
    for (const output of this.#open) output.result(told, made);
  }

  gone(url: string, place: string): void {
    for (const output of this.#open) output.gone?.(url, place);
  }

  /** Resolves when all of them can take more results, or `signal` is aborted. */
  async room(signal: AbortSignal): Promise<void> {
    for (const output of this.#open) await output.room?.(signal);
  }

  /** Finishes all of them, whatever becomes of one. @throws {WarmError} the first mistake. */
  async finish(summary: WarmSummary, ending: Ending): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    for (const output of this.#open.splice(0)) {
      try {
        await output.finish(summary, ending);
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure !== undefined) throw failure.error;
  }

  discard(): void {
    for (const output of this.#open.splice(0)) output.discard();
  }
}
