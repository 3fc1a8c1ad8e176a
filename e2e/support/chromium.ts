/** A page in headless Chromium, driven over a pipe by its own protocol: what it says, asks for and looks like. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** Waits no longer than this for an answer, in milliseconds. */
const patience = 20_000;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** One page that is open. */
export interface Tab {
  /** Every address that was asked for. */
  readonly requests: readonly string[];
  /** What the console says: errors, warnings, violations of the policy. */
  readonly complaints: readonly string[];
  goTo(url: string): Promise<void>;
  /** What an expression is worth in the page; the policy of the page does not bind us. */
  evaluate<T>(expression: string): Promise<T>;
  resize(width: number, height: number): Promise<void>;
  prefer(scheme: 'light' | 'dark'): Promise<void>;
  close(): Promise<void>;
}

/** Starts Chromium with a profile of its own. `close` ends it, and leaves nothing behind. */
export async function openTab(): Promise<Tab> {
  const profile = await mkdtemp(join(tmpdir(), 'pagetree-chromium-'));
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync'];
  const calm = ['--disable-background-networking', '--disable-component-update', '--disable-extensions'];
  const child = spawn(
    'chromium',
    [...flags, ...calm, `--user-data-dir=${profile}`, '--remote-debugging-pipe', 'about:blank'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const ended = once(child, 'close');
  const wire = new Wire(child.stdio[3] as Writable, child.stdio[4] as Readable);
  const close = async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const { targetId } = await wire.call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await wire.call('Target.attachToTarget', { targetId, flatten: true });
    const call = (method: string, params = {}) => wire.call(method, params, sessionId as string);
    const requests: string[] = [];
    const complaints: string[] = [];
    wire.on('Network.requestWillBeSent', ({ request }) => requests.push((request as { url: string }).url));
    for (const method of ['Runtime.consoleAPICalled', 'Runtime.exceptionThrown', 'Log.entryAdded']) {
      wire.on(method, (params) => complaints.push(JSON.stringify(params)));
    }
    wire.on('Page.javascriptDialogOpening', (params) => complaints.push(JSON.stringify(params)));
    for (const part of ['Page', 'Runtime', 'Log', 'Network']) await call(`${part}.enable`);
    return {
      requests,
      complaints,
      close,
      async goTo(url) {
        const loaded = wire.next('Page.loadEventFired');
        await call('Page.navigate', { url });
        await loaded;
      },
      async evaluate(expression) {
        const { result } = await call('Runtime.evaluate', { expression, returnByValue: true });
        return (result as { value: never }).value;
      },
      async resize(width, height) {
        const mobile = width < 600;
        await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile });
      },
      async prefer(scheme) {
        const features = [{ name: 'prefers-color-scheme', value: scheme }];
        await call('Emulation.setEmulatedMedia', { features });
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Messages in JSON, a zero byte behind each. */
class Wire {
  readonly #out: Writable;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #listeners = new Map<string, ((params: Record<string, unknown>) => void)[]>();
  #last = 0;
  #rest = '';

  constructor(out: Writable, input: Readable) {
    this.#out = out;
    out.on('error', () => {});
    input.setEncoding('utf8').on('data', (text: string) => {
      const messages = (this.#rest + text).split('\0');
      this.#rest = messages.pop()!;
      for (const message of messages) this.#take(JSON.parse(message) as Message);
    });
  }

  call(method: string, params: object, sessionId?: string): Promise<Record<string, unknown>> {
    this.#last += 1;
    const id = this.#last;
    this.#out.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return within(method, (resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) =>
        error === undefined ? resolve(result ?? {}) : reject(new Error(`${method}: ${error.message}`)),
      );
    });
  }

  on(method: string, listener: (params: Record<string, unknown>) => void): void {
    this.#listeners.set(method, [...(this.#listeners.get(method) ?? []), listener]);
  }

  next(method: string): Promise<Record<string, unknown>> {
    return within(method, (resolve) => this.on(method, resolve));
  }

  #take({ id, method, params = {}, ...rest }: Message): void {
    if (id !== undefined) this.#waiting.get(id)?.(rest);
    else for (const listener of this.#listeners.get(method!) ?? []) listener(params);
  }
}

function within<T>(
  what: string,
  begin: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what}: no answer from Chromium`)), patience);
    begin(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
