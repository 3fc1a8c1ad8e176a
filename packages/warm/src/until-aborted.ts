/** Waiting that ends when a run is stopped, also for what never comes. */

/** What the promise resolves to; `undefined` when `signal` is aborted first. */
export function orAborted<T>(promise: PromiseLike<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise<T | undefined>((resolve, reject) => {
    // Not `Promise.race`: it would keep something of every promise until the signal is gone.
    const stop = () => resolve(undefined);
    const forget = () => signal.removeEventListener('abort', stop);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    promise.then(resolve, reject).then(forget, forget);
  });
}

/** The items of a source until `signal` is aborted, quietly. */
export async function* untilAborted<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    while (!signal.aborted) {
      const next = await orAborted(iterator.next(), signal);
      if (next === undefined || next.done === true) return;
      yield next.value;
    }
  } finally {
    // Not waited for: the next item may never come.
    Promise.resolve(iterator.return?.()).catch(() => {});
  }
}
