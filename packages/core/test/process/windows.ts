/** Holds one process's file calls at a chosen point, so that a race has one outcome. */
import type { Io } from '../../src/store/io.ts';
import { createPoolIo } from '../../src/store/pool-io.ts';

/** Called before and after each file call. */
export type Watch = (when: 'before' | 'after', call: string, path: string, to: string) => unknown;

/** Real file calls that a test can wait in. */
export function watchedIo(watch: Watch): Io {
  const real = createPoolIo(2);
  const wrap =
    (call: keyof Io) =>
    async (...args: unknown[]): Promise<unknown> => {
      const [path, to] = [String(args[0]), String(args[1])];
      await watch('before', call, path, to);
      const value = await (real[call] as (...all: unknown[]) => unknown)(...args);
      await watch('after', call, path, to);
      return value;
    };
  const io = Object.fromEntries(Object.keys(real).map((call) => [call, wrap(call as keyof Io)]));
  return {
    ...(io as unknown as Io),
    async *entries(path) {
      await watch('before', 'entries', path, '');
      yield* real.entries(path);
    },
  };
}

/** Something that happens once, and those who wait for it. */
export function barrier(): { readonly passed: Promise<void>; pass(): void } {
  let pass!: () => void;
  const passed = new Promise<void>((resolve) => {
    pass = resolve;
  });
  return { passed, pass };
}
