/** What a cache is made from. */
import type { CacheEvent } from '../events.ts';
import type { Look } from '../memory/identity.ts';
import type { ResolvedOptions } from '../options.ts';
import type { Io } from '../store/io.ts';
import type { Tree } from '../store/open.ts';

/** The clocks come in as arguments, so that tests hold them. */
export interface Parts {
  readonly options: ResolvedOptions;
  readonly tree: Tree;
  readonly io: Io;
  /** The same for permissions to store, whose calls no visitor may wait for behind what others write. */
  readonly permissionIo: Io;
  /** Asks the file system of `io` at once; `undefined` when that can't be done: then no page is kept in memory. */
  readonly look: Look | undefined;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  readonly emit: (event: CacheEvent) => void;
}
