/** How far a list is read ahead of the work. */
export interface Room {
  /** The most items. */
  readonly items: number;
  /** About the most characters of all items together. */
  readonly characters: number;
}

/** Enough to know the size of most sites at once, and a few megabytes at most. */
export const usualRoom: Room = { items: 20_000, characters: 4_000_000 };

/**
 * Hands items on while more are read, so that it is known early how many there are. Of the items that wait, the one
 * with the highest priority comes first; those with the same come in their order.
 * What the source throws is thrown when the items before it were handed on.
 */
export async function* readAhead<T>(
  source: AsyncIterable<T>,
  sizeOf: (item: T) => number,
  room: Room = usualRoom,
  priorityOf: (item: T) => number = () => 0,
): AsyncGenerator<T> {
  const queue = new Heap<T>();
  let characters = 0;
  let ended = false;
  let wanted = true;
  let failure: { readonly error: unknown } | undefined;
  let wakeReader = () => {};
  let wakeTaker = () => {};
  const full = () => queue.length >= room.items || characters >= room.characters;

  const read = async () => {
    try {
      for await (const item of source) {
        queue.put(item, priorityOf(item));
        characters += sizeOf(item);
        wakeTaker();
        while (wanted && full()) {
          await new Promise<void>((resolve) => {
            wakeReader = resolve;
          });
        }
        if (!wanted) return;
      }
    } catch (error) {
      failure = { error };
    } finally {
      ended = true;
      wakeTaker();
    }
  };

  // Not waited for at the end: it may hang on a standard input that nobody closes.
  void read();
  try {
    while (queue.length > 0 || !ended) {
      if (queue.length === 0) {
        await new Promise<void>((resolve) => {
          wakeTaker = resolve;
        });
        // What comes in the same piece is known by then, and may have a higher priority.
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      const item = queue.take();
      characters -= sizeOf(item);
      if (!full()) wakeReader();
      yield item;
    }
    if (failure !== undefined) throw failure.error;
  } finally {
    wanted = false;
    wakeReader();
  }
}

interface Waiting<T> {
  readonly item: T;
  readonly priority: number;
  readonly turn: number;
}

/** A binary heap: the highest priority first, and among equals the one that came first. */
class Heap<T> {
  readonly #heap: Waiting<T>[] = [];
  #turn = 0;

  get length(): number {
    return this.#heap.length;
  }

  put(item: T, priority: number): void {
    const added: Waiting<T> = { item, priority, turn: this.#turn++ };
    const heap = this.#heap;
    let at = heap.length;
    heap.push(added);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(added, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = added;
  }

  take(): T {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first.item;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first.item;
  }
}

function isBefore<T>(one: Waiting<T>, other: Waiting<T>): boolean {
  return one.priority > other.priority || (one.priority === other.priority && one.turn < other.turn);
}
