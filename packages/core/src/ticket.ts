/** A ticket: the permission to store one page, from before the application is asked until the outcome is known. */
import type { Coding, Fill, FillOutcome, PageRequest, Place, ResponseHead, Ticket } from './contracts.ts';
import { PageFill } from './fill.ts';
import type { FillContext } from './fill-context.ts';
import { isCompressible } from './policy/compressible.ts';
import { decideResponse } from './policy/decide.ts';
import type { Reason } from './policy/reasons.ts';
import type { PlaceType } from './policy/types.ts';
import type { Permission } from './store/announce.ts';
import { canDecodeZstd } from './store/decode.ts';
import { quietly } from './store/io.ts';

/** What the tickets of a cache share. */
export interface TicketContext extends FillContext {
  readonly shouldStore: ((request: PageRequest, response: ResponseHead) => boolean) | undefined;
  /** The variants that pages of types that shrink get. */
  readonly variants: readonly Coding[];
  /** How many responses have ended and are not stored yet. */
  readonly committing: { count: number };
  /** Whether what a front-end server can't send keeps a page from being public. */
  readonly fidelity: 'loose' | 'strict';
  /** Pages that cannot be public are kept for the middleware alone. */
  readonly hides: boolean;
  /** The `Cache-Control` that the manifest has for a key. */
  readonly cacheControlOf: (key: string) => string | undefined;
  /** Told once, before the outcome resolves. */
  readonly onOutcome: (outcome: FillOutcome) => void;
  /** Told when the hook threw. */
  readonly onHookError: (error: Error, key: string) => void;
}

/** The ticket of one request. */
export class PageTicket implements Ticket {
  readonly key: string;
  readonly outcome: Promise<FillOutcome>;
  readonly #context: TicketContext;
  readonly #permission: Permission;
  readonly #place: Place;
  readonly #type: PlaceType;
  readonly #request: PageRequest;
  readonly #askedAt: number;
  #settle!: (outcome: FillOutcome) => void;
  #used = false;
  #fill: PageFill | undefined;
  #refused: Reason | undefined;

  constructor(
    context: TicketContext,
    permission: Permission,
    place: Place,
    type: PlaceType,
    request: PageRequest,
    onEnd: (outcome: FillOutcome) => void,
  ) {
    this.key = place.key;
    this.#context = context;
    this.#permission = permission;
    this.#place = place;
    this.#type = type;
    this.#request = request;
    this.#askedAt = context.now();
    const timer = setTimeout(() => this.#giveUp(), context.fills.timeout).unref();
    this.outcome = new Promise((resolve) => {
      this.#settle = (outcome) => {
        clearTimeout(timer);
        onEnd(outcome);
        context.onOutcome(outcome);
        resolve(outcome);
      };
    });
  }

  get refused(): Reason | undefined {
    return this.#refused;
  }

  begin(response: ResponseHead): Fill | undefined {
    if (this.#used) return undefined;
    const { maxPageSize, shouldStore, fidelity, hides } = this.#context;
    const decision = decideResponse(response, {
      request: this.#request,
      type: this.#type,
      maxPageSize,
      zstd: canDecodeZstd,
      fidelity,
      hides,
      cacheControlRule: this.#context.cacheControlOf(this.key),
      shouldStore,
    });
    if (decision.kind === 'refused') {
      if (decision.error) this.#context.onHookError(decision.error, this.key);
      this.abandon(decision.reason, decision.detail);
      return undefined;
    }
    this.#used = true;
    const { mediaType } = decision.hiddenAs ?? this.#type;
    const variants = isCompressible(mediaType) ? this.#context.variants : [];
    const settling = { promise: this.outcome, settle: this.#settle };
    this.#fill = new PageFill(
      this.#context,
      this.#permission,
      this.#place,
      { ...decision, variants, askedAt: this.#askedAt },
      settling,
    );
    return this.#counted(this.#fill);
  }

  /** A fill that is counted from its commit to its outcome. */
  #counted(fill: Fill): Fill {
    const { committing } = this.#context;
    let counts = false;
    return {
      write: (chunk) => fill.write(chunk),
      tag: (sent) => fill.tag(sent),
      commit: () => {
        if (!counts) {
          counts = true;
          committing.count += 1;
          void this.outcome.then(() => {
            committing.count -= 1;
          });
        }
        return fill.commit();
      },
      abort: (reason, detail) => fill.abort(reason, detail),
    };
  }

  /**
   * The time is over in which the permission is ours: others may take it, and a stream that stays open must not hold one for
   * ever. A response that has ended is stored all the same.
   */
  #giveUp(): void {
    const detail = `no end after ${this.#context.fills.timeout / 1000} s`;
    if (this.#fill) void this.#fill.abort('too-slow', detail);
    else this.abandon('too-slow', detail);
  }

  async #giveBack(): Promise<void> {
    const { fills, tidy } = this.#context;
    await fills.abandon(this.#permission);
    await quietly(() => tidy(this.#place));
  }

  abandon(reason: Reason, detail?: string): void {
    if (this.#used) return;
    this.#used = true;
    this.#refused = reason;
    void this.#giveBack().then(() =>
      this.#settle({ kind: 'refused', key: this.key, reason, ...(detail === undefined ? {} : { detail }) }),
    );
  }
}
