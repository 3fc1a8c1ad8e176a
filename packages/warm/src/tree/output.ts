/** Gathered text is written when there is this much of it, in characters, or when it is this old, in milliseconds. */
const PIECE = 16_384;
const PATIENCE = 200;

/**
 * Text on its way to standard output. It goes in pieces, waits for a slow reader instead of filling the memory, and
 * says when nobody reads any more (`| head`).
 */
export class Output {
  readonly #stream: Pick<NodeJS.WriteStream, 'write'>;
  #text = '';
  #gone = false;
  #last = performance.now();

  constructor(stream: Pick<NodeJS.WriteStream, 'write'>) {
    this.#stream = stream;
  }

  /** Takes text. `false`: the reader is gone, there is no use in going on. */
  async write(text: string): Promise<boolean> {
    this.#text += text;
    if (this.#text.length >= PIECE || performance.now() - this.#last >= PATIENCE) await this.flush();
    return !this.#gone;
  }

  /** Writes what was gathered. `false`: the reader is gone. */
  async flush(): Promise<boolean> {
    const text = this.#text;
    this.#text = '';
    this.#last = performance.now();
    if (!this.#gone && text !== '') {
      await new Promise<void>((resolve) => {
        this.#stream.write(text, (error) => {
          if (error) this.#gone = true;
          resolve();
        });
      });
    }
    return !this.#gone;
  }
}
