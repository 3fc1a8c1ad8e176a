/**
 * A fill: takes the body of one response, keeps it away from the tree until all of it is there and sound, then
 * publishes it. It never throws and never makes the response wait; its outcome tells what became of it.
 */
import type { Room } from './bounds.ts';
import type { Fill, FillOutcome, HeaderMap, Place } from './contracts.ts';
import type { FillContext, Judged } from './fill-context.ts';
import { makePartsBeside } from './fill-parts.ts';
import type { Reason } from './policy/reasons.ts';
import { tagsOf } from './policy/tags.ts';
import { createUtf8Check } from './policy/utf8.ts';
import type { Permission } from './store/announce.ts';
import { createDecoder, type Decoder } from './store/decode.ts';
import { codeOf, quietly } from './store/io.ts';
import type { Published } from './store/publish.ts';

/** Bytes that are gathered before the disk is asked, so that a small page is one write. */
const GATHER = 65_536;

type Refusal = { reason: Reason; detail?: string; error?: Error };

/** One attempt to store one response, from its first byte to its outcome. */
export class PageFill implements Fill {
  readonly #context: FillContext;
  readonly #permission: Permission;
  readonly #place: Place;
  #judged: Judged;
  readonly #settle: (outcome: FillOutcome) => void;
  readonly #outcome: Promise<FillOutcome>;
  readonly #decoder: Decoder | undefined;
  readonly #utf8: ReturnType<typeof createUtf8Check> | undefined;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #received = 0;
  #size = 0;
  #written = 0;
  /** The body, when it was written at once: then it need not be read back. */
  #whole: Uint8Array | undefined;
  #pump: Promise<void> | undefined;
  #refusal: Refusal | undefined;
  #ended = false;

  constructor(
    context: FillContext,
    permission: Permission,
    place: Place,
    judged: Judged,
    outcome: { promise: Promise<FillOutcome>; settle: (outcome: FillOutcome) => void },
  ) {
    this.#context = context;
    this.#permission = permission;
    this.#place = place;
    this.#judged = judged;
    this.#outcome = outcome.promise;
    this.#settle = outcome.settle;
    this.#utf8 = judged.validateUtf8 ? createUtf8Check() : undefined;
    this.#decoder =
      judged.codings.length === 0
        ? undefined
        : createDecoder(
            judged.codings,
            (bytes) => this.#take(bytes),
            (error) => this.#refuse({ reason: 'encoding', detail: error.message }),
          );
  }

  write(chunk: Uint8Array): void {
    if (this.#refusal || this.#ended || chunk.length === 0) return;
    this.#received += chunk.length;
    const { contentLength } = this.#judged;
    if (contentLength !== undefined && this.#received > contentLength) {
      this.#refuse({ reason: 'length-mismatch', detail: `more than ${contentLength} bytes` });
    } else if (this.#decoder) {
      this.#decoder.write(chunk);
      if (this.#decoder.backlog > this.#context.pending.limit) this.#refuse({ reason: 'overrun' });
    } else {
      this.#take(chunk);
    }
  }

  tag(sent: HeaderMap): void {
    const tags = tagsOf(sent, this.#judged.tags);
    if (tags) this.#judged = { ...this.#judged, tags };
    else if (!this.#ended) this.#refuse({ reason: 'too-many-headers', detail: 'tags' });
  }

  commit(): Promise<FillOutcome> {
    if (!this.#ended && !this.#refusal) {
      this.#ended = true;
      void this.#finish();
    }
    return this.#outcome;
  }

  abort(reason: Reason, detail?: string): Promise<FillOutcome> {
    if (!this.#ended) this.#refuse(detail === undefined ? { reason } : { reason, detail });
    return this.#outcome;
  }

  #take(bytes: Uint8Array): void {
    if (this.#refusal) return;
    const { pending, maxPageSize } = this.#context;
    this.#size += bytes.length;
    if (this.#size > maxPageSize) {
      this.#refuse({ reason: 'too-large', detail: `more than ${maxPageSize} bytes` });
      return;
    }
    if (this.#utf8 && !this.#utf8.write(bytes)) {
      this.#refuse({ reason: 'not-utf8' });
      return;
    }
    if (pending.bytes + bytes.length > pending.limit) {
      this.#refuse({ reason: 'overrun', detail: `${pending.limit} bytes wait for the disk` });
      return;
    }
    pending.bytes += bytes.length;
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (this.#queued >= GATHER) this.#pump ??= this.#drain();
  }

  /** Writes what is queued, in order, until nothing is; one at a time. */
  async #drain(): Promise<void> {
    const { io, pending } = this.#context;
    try {
      while (this.#queued > 0 && !this.#refusal) {
        const batch = this.#queue;
        const size = this.#queued;
        this.#queue = [];
        this.#queued = 0;
        try {
          const bytes = batch.length === 1 ? batch[0]! : Buffer.concat(batch, size);
          await io.write(this.#permission.fd, bytes, this.#written);
          this.#whole = this.#written === 0 && this.#ended ? bytes : undefined;
          this.#written += size;
        } finally {
          pending.bytes -= size;
        }
      }
    } catch (error) {
      this.#refuse({
        reason: 'disk-error',
        detail: `write ${codeOf(error) ?? (error as Error).message}`,
        error: error as Error,
      });
    } finally {
      this.#pump = undefined;
    }
  }

  /** Decides the outcome against the page, once, and gives back what the fill holds. */
  #refuse(refusal: Refusal): void {
    if (this.#refusal) return;
    this.#refusal = refusal;
    this.#decoder?.destroy();
    this.#context.pending.bytes -= this.#queued;
    this.#queue = [];
    this.#queued = 0;
    // A commit under way settles by itself.
    if (!this.#ended) void this.#giveBack([this.#permission.body]).then(() => this.#settleRefused(refusal));
  }

  #settleRefused(refusal: Refusal): void {
    this.#settle({ kind: 'refused', key: this.#place.key, ...refusal });
  }

  async #giveBack(leftovers: readonly string[]): Promise<void> {
    await this.#pump;
    await quietly(() => this.#context.io.close(this.#permission.fd));
    await this.#context.fills.release(this.#permission, leftovers);
    if (leftovers.length > 0) await quietly(() => this.#context.tidy(this.#place));
  }

  async #finish(): Promise<void> {
    const meta = this.#permission.part('meta');
    const variants = new Map<string, string>();
    let refusal: Refusal | undefined;
    let stored: FillOutcome | undefined;
    let room: Room | undefined;
    let grown: readonly [pages: number, bytes: number] = [0, 0];
    try {
      refusal = await this.#complete();
      if (!refusal) {
        room = await this.#context.reserve(this.#place, this.#size);
        if (!room) refusal = { reason: 'tree-full', detail: `no room for ${this.#size} bytes` };
      }
      if (!refusal) {
        const body = { size: this.#size, bytes: this.#whole };
        this.#whole = undefined;
        await makePartsBeside(
          this.#context,
          this.#permission,
          this.#place,
          this.#judged,
          body,
          meta,
          variants,
        );
        const parts = { body: this.#permission.body, meta, variants, held: this.#permission.part('held') };
        const hidden = this.#judged.hiddenAs !== undefined;
        const result = await this.#context.publish(this.#place, parts, hidden);
        if (result.kind === 'published') {
          const { key } = this.#place;
          const place = result.path;
          stored = { kind: 'stored', key, place, bytes: this.#size, ...(hidden && { isPrivate: true }) };
          grown = [result.replaced === undefined ? 1 : 0, this.#size - (result.replaced ?? 0)];
        } else {
          refusal = refusalOf(result);
        }
      }
    } catch (error) {
      const code = codeOf(error);
      // The body is looked up by its name before it is published: without it the permission is gone.
      refusal =
        code === 'ENOENT'
          ? { reason: 'fenced' }
          : {
              reason: 'disk-error',
              detail: `${(error as NodeJS.ErrnoException).syscall ?? 'store'} ${code ?? (error as Error).message}`,
              error: error as Error,
            };
    }
    room?.settle(...grown);
    await this.#giveBack(stored ? [] : [this.#permission.body, meta, ...variants.values()]);
    if (stored) this.#settle(stored);
    else this.#settleRefused(refusal!);
  }

  /** Waits for the last byte and judges the body as a whole. */
  async #complete(): Promise<Refusal | undefined> {
    if (this.#decoder) {
      await this.#decoder.end().catch(() => {});
    }
    if (this.#refusal) return this.#refusal;
    const { contentLength } = this.#judged;
    if (contentLength !== undefined && contentLength !== this.#received) {
      return {
        reason: 'length-mismatch',
        detail: `${this.#received} bytes, Content-Length says ${contentLength}`,
      };
    }
    if (this.#size === 0) return { reason: 'empty-body' };
    if (this.#utf8 && !this.#utf8.end()) return { reason: 'not-utf8' };
    while (this.#queued > 0 && !this.#refusal) {
      this.#pump ??= this.#drain();
      await this.#pump;
    }
    await this.#pump;
    return this.#refusal;
  }
}

function refusalOf(result: Exclude<Published, { kind: 'published' }>): Refusal {
  if (result.kind === 'conflict') return { reason: 'path-conflict', detail: result.detail };
  return { reason: result.kind === 'folded' ? 'name-folds' : result.kind };
}
