/** Lets so many through a minute. One number and one time, however many ask. */

/** Takes one of what is left; otherwise says how many seconds until there is one again. */
export type Limiter = () => number;

/**
 * A bucket of `perMinute` tokens that fills evenly (RFC 6585, 4, for what to answer when it is empty).
 *
 * @param now milliseconds that only grow.
 */
export function createLimiter(perMinute: number, now: () => number): Limiter {
  const interval = 60_000 / perMinute;
  let left = perMinute;
  let at = now();
  return () => {
    const time = now();
    left = Math.min(perMinute, left + (time - at) / interval);
    at = time;
    if (left < 1) return Math.ceil(((1 - left) * interval) / 1000);
    left -= 1;
    return 0;
  };
}
