/** Lets the application keep one response out of the tree, whatever its headers say. */
import type { Response } from './types.ts';

/** Registered, so that two copies of this package in one process understand each other. */
const mark = Symbol.for('pagetree.noStore');

type Marked = Response & { [mark]?: true | (() => void) };

/**
 * Keeps this response out of the cache: for a page that turned out to be personal, or incomplete. It may be
 * called at any time before the response ends, and does nothing on a response that is not being stored.
 *
 * @example
 * app.get('/news', (req, res) => { if (feedIsDown) noStore(res); res.render('news') })
 */
export function noStore(res: Response): void {
  const marked = res as Marked;
  const drop = marked[mark];
  marked[mark] = true;
  if (typeof drop === 'function') drop();
}

/** Whether `noStore` was called. */
export function isNoStore(res: Response): boolean {
  return (res as Marked)[mark] === true;
}

/** Asks to be told when `noStore` is called later. */
export function onNoStore(res: Response, drop: () => void): void {
  const marked = res as Marked;
  const others = marked[mark];
  if (others === true) return;
  // Two caches on the way of one response: both must hear of it.
  marked[mark] = () => {
    others?.();
    drop();
  };
}
