/** What the cache tells about itself. Values only; who listens is decided by `engine.ts`. */
import type { Writer } from './contracts.ts';
import type { Reason } from './policy/reasons.ts';

/** One thing that happened. `key` is the canonical path; it holds printable ASCII only. */
export type CacheEvent =
  | { readonly type: 'hit'; readonly key: string; readonly bytes: number }
  | { readonly type: 'miss'; readonly key: string; readonly reason?: Reason }
  | { readonly type: 'bypass'; readonly reason: Reason }
  | { readonly type: 'refused'; readonly key: string; readonly reason: Reason; readonly detail?: string }
  | {
      readonly type: 'stored';
      readonly key: string;
      readonly place: string;
      readonly bytes: number;
      readonly by: Writer;
    }
  | { readonly type: 'aborted'; readonly key: string; readonly reason: Reason; readonly detail?: string }
  | { readonly type: 'purged'; readonly scope: string; readonly pages: number; readonly bytes: number }
  | {
      readonly type: 'error';
      /** The call that failed: `open`, `rename`, ... or `hook`. */
      readonly during: string;
      readonly key?: string;
      readonly error: Error;
      /** How many errors of this cause were held back since the last event of it. */
      readonly suppressed: number;
    };

/** Called for each event; nothing waits for it. What it throws is swallowed, as what an async one rejects with. */
export type OnEvent = (event: CacheEvent) => void;
