/** Lets the application keep one response out of the tree, whatever its headers say. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** The mark that the Node shell uses, too. */
const mark = Symbol.for('pagetree.noStore');

/**
 * The request that is being answered. Frameworks give their loaders a copy of it (React Router does), and pass on a copy of
 * their response: a mark on a copy would be lost. Registered, so that two copies of this package in one process understand each other.
 */
const name = Symbol.for('pagetree.answering');
const shared = globalThis as { [name]?: AsyncLocalStorage<object> };
const answering = shared[name] ?? new AsyncLocalStorage<object>();
shared[name] = answering;

/** Runs what answers a request, so that `markNoStore` of a copy of it, or of any response, marks the request itself. */
export function whileAnswering<T>(request: object, run: () => T): T {
  return answering.run(request, run);
}

/** Marks a request, a response, or the context of a framework, and the request that is being answered. */
export function markNoStore(message: object): void {
  (message as { [mark]?: true })[mark] = true;
  const request = answering.getStore();
  if (request !== undefined) (request as { [mark]?: true })[mark] = true;
}

/** Whether `markNoStore` was called. */
export function isNoStore(message: object): boolean {
  return (message as { [mark]?: true })[mark] === true;
}
