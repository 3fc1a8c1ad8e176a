/** Starts the application, waits until it answers, and ends it. */
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { withoutSecrets } from '../config/environment.ts';
import { WarmError } from '../errors.ts';
import type { Origin } from '../plan/origin.ts';
import { printable } from '../report/printable.ts';
import type { Loopback } from './listeners.ts';
import { AppProcess } from './process.ts';

/** What is started. */
export interface ExecOptions {
  /** A line for the shell. */
  readonly command: string;
  /** Where it is started; `undefined`: here. */
  readonly folder: string | undefined;
  readonly count: number;
  /** Seconds until it must answer. */
  readonly timeout: number;
  /** The name of the site. When that is an address of this machine, the application shall listen there. */
  readonly origin: Origin | undefined;
  readonly signal: AbortSignal;
}

/** An application that answers. */
export interface Application {
  /** Where its processes listen. */
  readonly addresses: readonly string[];
  /** What became of processes that did not live to be stopped, a sentence each. */
  fallen(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Milliseconds between two looks. */
const pollInterval = 50;
/** Milliseconds after which a port is believed that the application names instead of the one it was told. */
const ownWill = 1000;
/** Lines of its output that are shown when it fails. */
const shownLines = 30;

/**
 * Starts all processes and waits until each answers.
 *
 * @throws {WarmError} `ERR_PAGETREE_EXEC`, with the last lines that it said; nothing of it is left then.
 */
export async function startApplication(options: ExecOptions): Promise<Application> {
  const { command, folder, count, origin } = options;
  const fixed = count === 1 ? portHere(origin) : undefined;
  if (fixed !== undefined && (await answers(fixed)) !== undefined) {
    throw new WarmError(
      'ERR_PAGETREE_EXEC',
      `Something listens on port ${fixed} already, so ${quoted(command)} was not started.`,
      {
        hint: 'End it, or leave --exec out to warm what runs there.',
      },
    );
  }
  const ports = fixed === undefined ? await freePorts(count) : [fixed];
  const started = ports.map((port) => ({
    port,
    app: new AppProcess(command, folder, { ...withoutSecrets(process.env), PORT: String(port) }),
  }));
  // Whatever ends us, the application must not stay.
  const endNow = () => {
    for (const { app } of started) app.endNow();
  };
  process.once('exit', endNow);
  const stop = async () => {
    try {
      await Promise.all(started.map(({ app }) => app.stop()));
    } finally {
      process.off('exit', endNow);
    }
  };
  try {
    const addresses = await Promise.all(
      started.map(({ port, app }) => untilItAnswers(app, port, fixed, options)),
    );
    return {
      addresses,
      fallen: async () => {
        const all = started.map(({ app }, at) => fallenOf(app, Number(new URL(addresses[at]!).port || 80)));
        return (await Promise.all(all)).flatMap((how) =>
          how === undefined ? [] : [`${quoted(command)}: ${how}`],
        );
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function untilItAnswers(
  app: AppProcess,
  port: number,
  fixed: number | undefined,
  { command, timeout, signal }: ExecOptions,
): Promise<string> {
  const began = performance.now();
  /** Ports on which nobody listened since it was started: who does later is probably the application. */
  const wereFree = new Set<number>();
  for (;;) {
    signal.throwIfAborted();
    const ended = app.ended;
    if (ended !== undefined) throw didNotStart(command, ended, app);
    const waited = performance.now() - began;
    const named = fixed === undefined ? app.output.ports() : [];
    for (const candidate of [port, ...named]) {
      const host = await answers(candidate);
      if (host === undefined) wereFree.add(candidate);
      // A process that ended in this moment may have left the port to somebody else.
      if (host === undefined || app.ended !== undefined) continue;
      // What it names may as well be where another service is that it uses.
      const isOwn =
        candidate === port || (waited > ownWill && (app.holds(candidate, host) ?? wereFree.has(candidate)));
      if (isOwn) return `http://${host === '::1' ? '[::1]' : host}:${candidate}`;
    }
    if (waited > timeout * 1000) {
      throw didNotStart(command, `nothing answers on port ${port} after ${timeout} s`, app);
    }
    await wait(pollInterval);
  }
}

/** How a process came to its end, if it did. One that does not answer any more may be about to. */
async function fallenOf(app: AppProcess, port: number): Promise<string | undefined> {
  if (app.ended === undefined && (await answers(port)) !== undefined) return undefined;
  for (let looks = 0; app.ended === undefined && looks < 40; looks += 1) await wait(pollInterval);
  return app.ended === undefined ? undefined : `${app.ended}.${said(app)}`;
}

function didNotStart(command: string, why: string, app: AppProcess): WarmError {
  return new WarmError('ERR_PAGETREE_EXEC', `The application ${quoted(command)} did not start: ${why}.`, {
    hint: `It must listen on the port in PORT, or say on which port it listens.${said(app)}`,
  });
}

function said({ output }: AppProcess): string {
  const lines = output.lastLines(shownLines);
  return lines.length === 0
    ? ' It said nothing.'
    : ` It said:\n${lines.map((line) => `    ${line}`).join('\n')}`;
}

function quoted(command: string): string {
  return `"${printable(command, 100)}"`;
}

/** The port of an address of this machine; `undefined` when the site has another name. */
function portHere(origin: Origin | undefined): number | undefined {
  if (origin === undefined) return undefined;
  const { protocol, hostname, port } = new URL(origin.href);
  const here = hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
  return here && protocol === 'http:' ? Number(port || 80) : undefined;
}

/** The address on which something listens on a port of this machine; `undefined`: nothing does. */
async function answers(port: number): Promise<Loopback | undefined> {
  for (const host of ['127.0.0.1', '::1'] as const) if (await canConnect(host, port)) return host;
  return undefined;
}

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const end = (could: boolean) => {
      socket.destroy();
      resolve(could);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

/** Ports that nobody listens on at the moment, all held until all are found. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
