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
 * Hands items on in their order while more are read, so that it is known early how many there are.
 * What the source throws is thrown when the items before it were handed on.
 */
export async function* readAhead<T>(
  source: AsyncIterable<T>,
  sizeOf: (item: T) => number,
  room: Room = usualRoom,
): AsyncGenerator<T> {
  const queue = new Queue<T>();
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
        queue.put(item);
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

/** First in, first out; taking from the front of a long array is slow. */
class Queue<T> {
  #items: T[] = [];
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  put(item: T): void {
    this.#items.push(item);
  }

  take(): T {
    const item = this.#items[this.#first]!;
    this.#first += 1;
    if (this.#first >= 1024 && this.#first * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }
}
