import { exitCodes } from './exit-codes.ts';

/** SIGHUP: the terminal is gone. */
const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type Name = (typeof names)[number];

/** Ctrl-C, SIGTERM and SIGHUP: the first asks to stop, the second stops at once. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** The exit code, when there was a signal. */
  readonly exitCode: number | undefined;
  /** Gives the signals back. */
  release(): void;
}

/** Takes the signals over. `onFirst` is called once, with the name of the first one. */
export function takeInterrupts(onFirst: (name: Name) => void, onSecond: () => void): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const heard = (name: Name) => {
    if (exitCode !== undefined) {
      onSecond();
      process.exit(exitCodes[name]);
    }
    exitCode = exitCodes[name];
    onFirst(name);
    controller.abort();
  };
  for (const name of names) process.on(name, heard);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release() {
      for (const name of names) process.off(name, heard);
    },
  };
}
