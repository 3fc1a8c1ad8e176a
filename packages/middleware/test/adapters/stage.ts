/** What an application of the suite is given, whatever the framework, and what it and the client have to tell each other. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';

/** The client's request, as every framework can show it. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly fields: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: () => Promise<string>;
  /** What both sides know of the run. */
  readonly run: Run;
}

/** What every framework can answer, each in its own way. */
export interface Answer {
  /** @default 200 */
  readonly status?: number;
  /** @default a page of HTML */
  readonly fields?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer | AsyncGenerator<string | Buffer>;
}

/** An application that says what to answer; how it is sent is the framework's business. */
export type Application = (asked: Asked) => Answer | Promise<Answer>;

/** An application that has Node's own response in its hands. */
export type OnNode = (req: IncomingMessage, res: ServerResponse, run: Run) => unknown;

/** Middleware in the form of Connect. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

/** The application of one case. */
export interface Played {
  readonly answers?: Application;
  readonly onNode?: OnNode;
  /** Middleware above and below the cache. */
  readonly above?: (run: Run) => readonly Middleware[];
  readonly below?: (run: Run) => readonly Middleware[];
}

/** The sign of frameworks that leave a client waiting for a response that can't be ended. */
export const NOBODY_ANSWERS = 'nobody answers';

/** One run of one case: what was noted down, and the signs that client and application give each other. */
export class Run {
  readonly log: unknown[] = [];
  /** The path of this case. Others of the case begin with it and a `-`. */
  readonly path: string;
  /** Waits until the server knows that all clients are gone. */
  readonly alone: () => Promise<void>;
  #signs = new Map<string, { readonly given: Promise<void>; readonly give: () => void }>();

  constructor(path: string, alone: () => Promise<void>) {
    this.path = path;
    this.alone = alone;
  }

  note(entry: unknown): void {
    this.log.push(entry);
  }

  tell(sign: string): void {
    this.#sign(sign).give();
  }

  hear(sign: string): Promise<void> {
    return this.#sign(sign).given;
  }

  #sign(name: string): { readonly given: Promise<void>; readonly give: () => void } {
    let sign = this.#signs.get(name);
    if (sign === undefined) {
      let give: () => void = () => {};
      const given = new Promise<void>((resolve) => {
        give = resolve;
      });
      sign = { given, give };
      this.#signs.set(name, sign);
    }
    return sign;
  }
}

/** The site behind one server. The case that is played changes; the server stays, as servers do. */
export class Stage {
  run = new Run('/', () => this.alone());
  #played: Played = {};
  #sockets = new Set<Socket>();
  #wake: () => void = () => {};
  #wrapped: { readonly above: readonly Middleware[]; readonly below: readonly Middleware[] } = {
    above: [],
    below: [],
  };

  play(played: Played, path: string): Run {
    this.run = new Run(path, () => this.alone());
    this.#played = played;
    this.#wrapped = { above: played.above?.(this.run) ?? [], below: played.below?.(this.run) ?? [] };
    return this.run;
  }

  get isOnNode(): boolean {
    return this.#played.onNode !== undefined;
  }

  /** The middleware that this case wants above the cache. */
  readonly above: Middleware = (req, res, next) => through(this.#wrapped.above, req, res, next);

  /** The middleware that this case wants below the cache. */
  readonly below: Middleware = (req, res, next) => through(this.#wrapped.below, req, res, next);

  onNode(req: IncomingMessage, res: ServerResponse): unknown {
    return this.#played.onNode?.(req, res, this.run);
  }

  /** Throws, or rejects, what the application does. */
  answer(asked: Omit<Asked, 'run'>): Answer | Promise<Answer> {
    return this.#played.answers?.({ ...asked, run: this.run }) ?? { status: 404, body: 'no case' };
  }

  /** Keeps count of the connections of a server. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.#wake();
      });
    });
  }

  /** Waits until the server knows that all clients are gone. */
  async alone(): Promise<void> {
    while (this.#sockets.size > 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function through(
  list: readonly Middleware[],
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
): void {
  const [first, ...rest] = list;
  if (first === undefined) next();
  else first(req, res, (error) => (error === undefined ? through(rest, req, res, next) : next(error)));
}

/** An error that reads the same wherever it was made: frameworks print the stack into the page. */
export function broken(message: string): Error {
  return Object.assign(new Error(message), { stack: `Error: ${message}` });
}

/** The fields of a page, where an application says nothing else. */
export const html = { 'Content-Type': 'text/html; charset=utf-8' };
