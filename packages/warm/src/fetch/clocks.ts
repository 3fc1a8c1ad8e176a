/** The times that one response may take, in seconds. */
import { Overdue } from './failure.ts';

export interface Times {
  /** Until the connection is made. */
  readonly connect: number;
  /** From the request to the head of the response. */
  readonly firstByte: number;
  /** From the request to the last byte. */
  readonly whole: number;
}

/** The clocks of one request. They run until they are stopped, and abort the request when one is over. */
export class Clocks {
  readonly #whole: NodeJS.Timeout;
  #firstByte: NodeJS.Timeout | undefined;

  constructor({ firstByte, whole }: Times, abort: (reason: Overdue) => void) {
    this.#whole = setTimeout(() => abort(new Overdue(`not complete within ${whole} s`)), whole * 1000);
    if (firstByte < whole) {
      const late = () => abort(new Overdue(`no response within ${firstByte} s`));
      this.#firstByte = setTimeout(late, firstByte * 1000);
    }
  }

  /** The head of the response is there. */
  answered(): void {
    clearTimeout(this.#firstByte);
    this.#firstByte = undefined;
  }

  stop(): void {
    this.answered();
    clearTimeout(this.#whole);
  }
}
