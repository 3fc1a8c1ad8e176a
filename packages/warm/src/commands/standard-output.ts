import { systemCause } from '../errors.ts';
import { printable } from '../report/printable.ts';
import { exitCodes } from './exit-codes.ts';

/** What a write fails with when its reader went away. */
const leaving: ReadonlySet<unknown> = new Set(['EPIPE', 'ECONNRESET']);

/** Standard output of a program, from its beginning to its end. */
export class StandardOutput {
  #failure: Error | undefined;

  /** A reader of the output that went away (`| head`), or a disk that is full, must not end a run in the middle. */
  constructor() {
    // oclif throws what is not EPIPE out of the stream, where nobody can catch it.
    process.stdout.removeAllListeners('error');
    process.stdout.on('error', (error) => {
      this.#failure ??= error;
    });
    process.stderr.on('error', () => {});
  }

  /**
   * Waits until everything is written or cannot be. What a reader that left does not want has no consequence; what could not be
   * written for another reason makes a run that went well end as failed.
   */
  async end(name: string): Promise<void> {
    const { stdout } = process;
    // An empty write is a write: a device that is full refuses it also from a program that says nothing.
    if (stdout.writableLength > 0) await new Promise<void>((resolve) => stdout.write('', () => resolve()));
    // A failure is told in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    const failure = this.#failure;
    if (failure === undefined || leaving.has((failure as NodeJS.ErrnoException).code)) return;
    const cause = printable(systemCause(failure));
    process.stderr.write(
      `${name}: Standard output cannot be written: ${cause}.\n  What was done stays done.\n`,
    );
    process.exitCode ||= exitCodes.internal;
  }
}
