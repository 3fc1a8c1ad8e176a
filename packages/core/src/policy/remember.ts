/** Remembers answers to texts that come again and again, such as the `Accept` of a browser. */

/** Clients choose the texts: how many answers are kept, and the longest text that is, in characters. */
const MOST = 256;
const LONGEST = 512;

/**
 * The same pure question, with its last answers kept. When there are too many all are forgotten: whoever sends ever new texts
 * costs no more than without. For texts that say nothing about a person.
 */
export function remember<Answer extends string | boolean | null>(
  ask: (text: string) => Answer,
): (text: string) => Answer {
  const known = new Map<string, Answer>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const answer = ask(text);
    if (text.length <= LONGEST) {
      if (known.size === MOST) known.clear();
      known.set(text, answer);
    }
    return answer;
  };
}
