/** What somebody may have meant. Pure. */

/** The word that is nearest to a mistyped one; `undefined` when none is within so many letters of it, a third by default. */
export function nearest(
  typed: string,
  words: readonly string[],
  within = Math.max(1, Math.floor(typed.length / 3)),
): string | undefined {
  let best: string | undefined;
  let least = within + 1;
  for (const word of words) {
    const steps = distance(typed.toLowerCase(), word.toLowerCase(), within);
    if (steps < least) [best, least] = [word, steps];
  }
  return best;
}

/** How many letters are missing, too many, wrong or swapped with their neighbour. */
function distance(a: string, b: string, within: number): number {
  if (Math.abs(a.length - b.length) > within) return Number.POSITIVE_INFINITY;
  let [older, old]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const wrong = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(old![j]! + 1, row[j - 1]! + 1, old![j - 1]! + wrong);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, older![j - 2]! + 1);
    }
    [older, old] = [old!, row];
  }
  return old![b.length]!;
}
