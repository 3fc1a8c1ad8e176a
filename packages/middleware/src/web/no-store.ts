/** Lets the application keep one response out of the tree, whatever its headers say. */

/** The mark that the Node shell uses, too. */
const mark = Symbol.for('pagetree.noStore');

/** Marks a request, a response, or the context of a framework. */
export function markNoStore(message: object): void {
  (message as { [mark]?: true })[mark] = true;
}

/** Whether `markNoStore` was called. */
export function isNoStore(message: object): boolean {
  return (message as { [mark]?: true })[mark] === true;
}
