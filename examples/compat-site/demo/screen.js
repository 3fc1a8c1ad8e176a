/** Plain text for people: headings, commands, tables and notes, no wider than the terminal. */
export class Screen {
  #stream;
  #colour;
  #width;

  constructor(stream, env) {
    this.#stream = stream;
    this.#colour = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
    this.#width = Math.min(stream.columns || 80, 100);
  }

  heading(text) {
    this.line();
    this.line(this.bold(text));
    this.line();
  }

  /** A command as it could be typed, in pieces that stay together; long ones go on with `\`. */
  command(...pieces) {
    const lines = [];
    for (const piece of pieces) {
      const grown = `${lines.at(-1)} ${piece}`;
      if (lines.length > 0 && grown.length + 6 <= this.#width) lines[lines.length - 1] = grown;
      else lines.push(lines.length === 0 ? `$ ${piece}` : `    ${piece}`);
    }
    this.line(this.bold(`  ${lines.join(' \\\n  ')}`));
  }

  /** What a program said. */
  quote(text) {
    for (const line of text.trimEnd().split('\n')) this.line(`  ${line}`);
  }

  /** A sentence or two, broken at spaces. */
  note(text) {
    const lines = [''];
    for (const word of text.split(' ')) {
      const last = lines[lines.length - 1];
      if (last !== '' && last.length + word.length + 3 > this.#width) lines.push(word);
      else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
    }
    for (const line of lines) this.line(`  ${line}`);
  }

  /**
   * Rows of cells below their names; numbers go to the right.
   * @param {string[]} names a name that ends in `>` makes a column that goes to the right
   * @param {string[][]} rows
   */
  table(names, rows) {
    const right = names.map((name) => name.endsWith('>'));
    const heads = names.map((name) => name.replace(/>$/, ''));
    const widths = heads.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at].length)));
    const lay = (row) =>
      row
        .map((cell, at) => (right[at] ? cell.padStart(widths[at]) : cell.padEnd(widths[at])))
        .join('    ')
        .trimEnd();
    if (heads.some((head) => head !== '')) this.line(`  ${this.dim(lay(heads))}`);
    for (const row of rows) this.line(`  ${lay(row)}`);
  }

  line(text = '') {
    this.#stream.write(`${text}\n`);
  }

  bold(text) {
    return this.#colour ? `\x1b[1m${text}\x1b[22m` : text;
  }

  dim(text) {
    return this.#colour ? `\x1b[2m${text}\x1b[22m` : text;
  }
}

/** @example count(42001) === '42,001' */
export function count(value) {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** @example bytes(196_512_000) === '196.5 MB' */
export function bytes(value) {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  let unit = 0;
  let size = value;
  for (; size >= 999.95 && unit < units.length - 1; unit++) size /= 1000;
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}
