import pLimit from 'p-limit';

/**
 * Works through a stream of items, some at a time. Only twice as many as run at once are held, so a
 * list of a million lines takes no more memory than one of a thousand.
 *
 * An abort ends the reading; what has begun is waited for. When one piece of work throws, or the stream does, nothing
 * new begins and the error is thrown after the rest has ended. `onFailure` hears of it at once: what has begun may wait
 * for something that need not be waited for any more.
 */
export async function throughWindow<T>(
  items: AsyncIterable<T> | Iterable<T>,
  concurrency: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
  onFailure: () => void = () => {},
): Promise<void> {
  const limit = pLimit(concurrency);
  const widest = concurrency * 2;
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let open = 0;
  let failure: { readonly error: unknown } | undefined;
  let oneEnded = () => {};
  let stopReading = () => {};

  const begin = async (item: T) => {
    if (!signal.aborted && failure === undefined) await work(item);
  };
  const end = () =>
    new Promise<void>((resolve) => {
      oneEnded = resolve;
    });
  const fail = (error: unknown) => {
    if (failure === undefined) {
      failure = { error };
      onFailure();
    }
    stopReading();
  };
  const next = async () => iterator.next();
  // Not `Promise.race`: it would keep something of every item until the end.
  const read = () =>
    new Promise<IteratorResult<T> | undefined>((resolve) => {
      stopReading = () => resolve(undefined);
      next().then(resolve, fail);
    });

  while (!signal.aborted && failure === undefined) {
    const item = await read();
    if (item === undefined || item.done === true) break;
    open += 1;
    void limit(begin, item.value)
      .catch(fail)
      .finally(() => {
        open -= 1;
        oneEnded();
      });
    if (open >= widest) await end();
  }
  // Not waited for: the next item may never come.
  Promise.resolve(iterator.return?.()).catch(() => {});
  while (open > 0) await end();
  if (failure !== undefined) throw failure.error;
}
