import { systemCause, WarmError } from '../errors.ts';
import { type Origin, splitUrl } from '../plan/origin.ts';
import { Seen } from '../plan/seen.ts';
import { printable } from '../report/printable.ts';
import { type FormatName, namedFormat } from './detect.ts';
import type { Entry, NestedSource, Notice } from './entry.ts';
import { type FileStream, openFile } from './file.ts';
import { readFormat } from './formats.ts';
import { judgeText } from './lines.ts';
import { cannotRead, type NamedSource, ofArguments } from './name.ts';
import { download, type Network, OtherSite, ownTarget } from './remote.ts';

/** How sources are read. */
export interface ReadOptions {
  readonly signal: AbortSignal;
  /** @default process.stdin */
  readonly stdin?: NodeJS.ReadStream | undefined;
  /** @default 'auto': the content tells */
  readonly format?: FormatName | undefined;
  /** The one site, when something must be fetched. The first URL that must be is its argument: it decides if nothing else did. */
  readonly network?: ((first: Origin) => Network) | undefined;
  readonly onNotice?: ((notice: Notice) => void) | undefined;
  /** A source has lines that cannot be read, and that are no entries. */
  readonly onBadLines?: (() => void) | undefined;
}

/** How deep sitemap indexes may name one another. The protocol allows one. */
const deepest = 5;
/** The most sitemaps of one run: as many as one index may have. */
const mostNested = 50_000;

/**
 * Reads sources one after the other, in the order in which they are named, entry by entry. An abort ends it
 * early and quietly, also while it waits for standard input.
 *
 * A source that cannot be read is an error when nothing was found before, else an entry with a problem:
 * what was found stands.
 */
export class SourceReader {
  readonly #options: ReadOptions;
  readonly #visited = new Seen();
  #nested = 0;
  #entries = 0;

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  async *read(sources: readonly NamedSource[]): AsyncGenerator<Entry> {
    for (const [at, source] of sources.entries()) {
      if (this.#options.signal.aborted) return;
      if (source.kind === 'page') {
        yield this.#counted({ ...judgeText(source.name, at + 1), source: ofArguments });
        continue;
      }
      yield* this.#guarded(source.name, () => this.#readNamed(source));
    }
  }

  /** Reads one more source of the site, such as the sitemap that a robots.txt names. */
  async *readNested(url: string, at: Place): AsyncGenerator<Entry> {
    yield* this.#openNested({ nested: url, number: at.number }, at.source, 0);
  }

  /** Ends quietly after an abort; makes an entry of what went wrong, unless there is nothing to lose yet. */
  async *#guarded(name: string, read: () => AsyncGenerator<Entry>): AsyncGenerator<Entry> {
    try {
      yield* read();
    } catch (error) {
      if (this.#options.signal.aborted) return;
      const said = error instanceof WarmError ? error.message : systemCause(error);
      const hint = error instanceof WarmError ? error.hint : undefined;
      if (error instanceof WarmError && error.code !== 'ERR_PAGETREE_LIST') throw error;
      if (this.#entries === 0) throw cannotRead(name, said, error, hint);
      yield this.#counted({
        text: name,
        number: 0,
        source: name,
        problem: `cannot be read: ${said}`,
        ...badSource(error),
      });
    }
  }

  async *#readNamed(source: NamedSource): AsyncGenerator<Entry> {
    const { signal, stdin = process.stdin, format = 'auto' } = this.#options;
    if (source.kind === 'remote') {
      yield* this.#readRemote(source.name, source.name, 0);
    } else {
      const stream = source.kind === 'stdin' ? stdin : await openFile(source.name);
      const chunks = untilAbort(stream, signal);
      yield* this.#readChunks(chunks, { source: source.name, depth: 0, format });
    }
  }

  async *#readRemote(url: string, name: string, depth: number): AsyncGenerator<Entry> {
    const { signal, format = 'auto' } = this.#options;
    const network = this.#network(url);
    this.#visited.add(ownTarget(url, network.origin));
    const { file, url: last } = await download(url, network, signal);
    try {
      const chunks = paced(file.read(), signal);
      yield* this.#readChunks(chunks, {
        source: name,
        depth,
        format: depth === 0 ? format : 'auto',
        url: last,
      });
    } finally {
      file.close();
    }
  }

  #network(url: string): Network {
    const first = splitUrl(url)?.origin;
    if (first === undefined) {
      throw new WarmError('ERR_PAGETREE_LIST', `${printable(url, 100)} is no http or https URL`);
    }
    if (this.#options.network === undefined) {
      throw new WarmError('ERR_PAGETREE_LIST', 'it would have to be fetched, and that is not possible here');
    }
    return this.#options.network(first);
  }

  async *#readChunks(
    chunks: AsyncIterable<Uint8Array>,
    { source, depth, format, url }: Opened,
  ): AsyncGenerator<Entry> {
    for await (const found of readFormat(chunks, { source, url, format: namedFormat(format) })) {
      if ('notice' in found) {
        this.#options.onNotice?.({ source, text: found.notice });
        if (found.badLines) this.#options.onBadLines?.();
      } else if ('nested' in found) yield* this.#openNested(found, source, depth);
      else yield this.#counted(found);
    }
  }

  async *#openNested({ nested, number }: NestedSource, source: string, depth: number): AsyncGenerator<Entry> {
    const problem = (why: string, how = badSource()): Entry =>
      this.#counted({ text: nested, number, source, problem: why, ...how });
    let target: string;
    try {
      target = ownTarget(nested, this.#network(nested).origin);
    } catch (error) {
      if (!(error instanceof WarmError) || error.code !== 'ERR_PAGETREE_LIST') throw error;
      yield problem(`cannot be read: ${error.message}`, badSource(error));
      return;
    }
    if (!this.#visited.add(target)) {
      this.#options.onNotice?.({ source, text: `names ${printable(nested, 200)} again; it is read once` });
      return;
    }
    if (depth >= deepest) {
      yield problem(`stands more than ${deepest} indexes deep`);
      return;
    }
    this.#nested += 1;
    if (this.#nested > mostNested) {
      if (this.#nested === mostNested + 1)
        yield problem(`is one of more than ${mostNested} sitemaps; the rest is left out`);
      return;
    }
    const before = this.#entries;
    try {
      yield* this.#readRemote(nested, nested, depth + 1);
    } catch (error) {
      if (this.#options.signal.aborted) return;
      if (!(error instanceof WarmError) || error.code !== 'ERR_PAGETREE_LIST') throw error;
      yield problem(`cannot be read: ${error.message}`, badSource(error));
      return;
    }
    if (this.#entries === before) this.#options.onNotice?.({ source: nested, text: 'has no URL' });
  }

  #counted(entry: Entry): Entry {
    this.#entries += 1;
    return entry;
  }
}

/** Where a URL was found. */
export interface Place {
  readonly source: string;
  readonly number: number;
}

interface Opened {
  readonly source: string;
  readonly depth: number;
  readonly format: FormatName;
  readonly url?: string;
}

function badSource(error?: unknown): Pick<Entry, 'reason'> {
  return { reason: error instanceof OtherSite ? 'other-origin' : 'bad-source' };
}

async function* untilAbort(stream: FileStream, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stop = () => stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** A file that is read synchronously must not keep everything else waiting. */
async function* paced(blocks: Iterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (const block of blocks) {
    if (signal.aborted) return;
    yield block;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
