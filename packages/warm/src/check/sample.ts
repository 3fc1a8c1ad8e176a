/** A sample by chance, of a list whose length nobody knows. */

/**
 * Takes `size` items of a stream, each with the same chance (reservoir sampling, Vitter's algorithm R). Only the sample is held.
 *
 * @param random A number from 0 up to 1.
 */
export async function sampleOf<T>(
  items: AsyncIterable<T>,
  size: number,
  random: () => number = Math.random,
): Promise<T[]> {
  const sample: T[] = [];
  let seen = 0;
  for await (const item of items) {
    seen += 1;
    if (sample.length < size) sample.push(item);
    else {
      const at = Math.floor(random() * seen);
      if (at < size) sample[at] = item;
    }
  }
  return sample;
}
