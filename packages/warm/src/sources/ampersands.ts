/** The longest name of a reference that is looked at: `&#x10FFFF;`, `&CounterClockwiseContourIntegral;`. */
const longestReference = 40;

/** What must be found: where text begins in which `&` means itself, where that ends, and an `&` that begins no reference. */
const marks = /<!--|<!\[CDATA\[|<\?|-->|\]\]>|\?>|&(?!#\d{1,7};|#x[\da-f]{1,6};|[a-z][\w.-]{0,31};)/gi;

/** Which mark ends the text that another one begins. */
const ends: Readonly<Record<string, string>> = { '<!--': '-->', '<![CDATA[': ']]>', '<?': '?>' };

/**
 * Finds each `&` that should be written as `&amp;`. The parser of XML would look for the end of a reference over
 * all that follows and lose it; so a mistake in one URL would take others away.
 */
export class AmpersandFinder {
  /** The end of what was pushed: a mark may go on in the next piece. */
  #rest = '';
  /** The mark that ends the comment, CDATA or instruction we are in. */
  #until: string | undefined;

  /** Cuts the text: every piece but the last one ends where such an `&` stood, which is left out. */
  push(text: string): string[] {
    const whole = this.#rest + text;
    const safe = Math.max(0, whole.length - longestReference);
    return this.#cut(whole, safe);
  }

  /** What is left. */
  end(): string[] {
    return this.#cut(this.#rest, this.#rest.length);
  }

  #cut(text: string, safe: number): string[] {
    const pieces: string[] = [];
    let start = 0;
    let to = safe;
    for (const mark of text.matchAll(marks)) {
      const [found] = mark;
      if (mark.index >= safe) break;
      if (this.#until !== undefined) {
        if (found === this.#until) this.#until = undefined;
      } else if (found === '&') {
        pieces.push(text.slice(start, mark.index));
        start = mark.index + 1;
      } else {
        this.#until = ends[found.toUpperCase()];
      }
      to = Math.max(to, mark.index + found.length);
    }
    pieces.push(text.slice(start, to));
    this.#rest = text.slice(to);
    return pieces;
  }
}
