/** Lets the application keep one response out of the tree, whatever its headers say. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** The mark that the Node shell uses, too. */
const mark = Symbol.for('pagetree.noStore');

/**
 * The requests that are being answered, by what runs for them. Frameworks give their loaders a copy of the request (React Router
 * does), and pass on a copy of their response: a mark on a copy would be lost. Registered, so that two copies of this package in
 * one process understand each other.
 */
interface Answering {
  readonly storage: AsyncLocalStorage<object>;
  running: number;
}

const name = Symbol.for('pagetree.answering');
const shared = globalThis as { [name]?: Answering };
const answering = shared[name] ?? { storage: new AsyncLocalStorage<object>(), running: 0 };
shared[name] = answering;

/**
 * Runs what answers a request, so that `markNoStore` of a copy of it, or of any response, marks the request itself.
 *
 * @param ended settles when the mark has no meaning any more. Following what runs makes every promise of a process dearer on
 * Node 20 and 22 (a hit under Hono takes an eighth more), so it ends with the last page that is being stored.
 */
export function whileAnswering<T>(request: object, run: () => T, ended: Promise<unknown>): T {
  answering.running += 1;
  const leave = (): void => {
    answering.running -= 1;
    if (answering.running === 0) answering.storage.disable();
  };
  void ended.then(leave, leave);
  return answering.storage.run(request, run);
}

/** Marks a request, a response, or the context of a framework, and the request that is being answered. */
export function markNoStore(message: object): void {
  (message as { [mark]?: true })[mark] = true;
  const request = answering.storage.getStore();
  if (request !== undefined) (request as { [mark]?: true })[mark] = true;
}

/** Whether `markNoStore` was called. */
export function isNoStore(message: object): boolean {
  return (message as { [mark]?: true })[mark] === true;
}
