/** One process of an application, with everything that it starts. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { isHeldBy, type Loopback } from './listeners.ts';
import { AppOutput } from './output.ts';
import { descendantsOf, type RunningProcess, runningProcesses } from './processes.ts';

/** Milliseconds between two looks. */
const pollInterval = 20;
/** Milliseconds in which it may end by itself. */
const patience = 5000;

const windows = process.platform === 'win32';

/** A command that the shell runs, in a process group of its own: Ctrl-C reaches us only, and we end all of it. */
export class AppProcess {
  readonly output = new AppOutput();
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  /** What it started in a group of its own, by number: with that it would outlive the group. */
  readonly #strays = new Map<number, string>();
  readonly #started: string | undefined;
  #failure: Error | undefined;

  constructor(
    command: string,
    folder: string | undefined,
    env: Readonly<Record<string, string | undefined>>,
  ) {
    this.#child = spawn(command, {
      cwd: folder,
      shell: true,
      detached: !windows,
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#started = windows ? '' : runningProcesses().find(({ pid }) => pid === this.#child.pid)?.started;
    this.#child.on('error', (error) => {
      this.#failure = error;
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => this.output.add(chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => this.output.add(chunk));
    this.#closed = once(this.#child, 'close').catch(() => {});
  }

  /** How it ended, in words; `undefined` while it runs. */
  get ended(): string | undefined {
    const { exitCode, signalCode } = this.#child;
    if (this.#failure !== undefined) return `it could not be started: ${this.#failure.message}`;
    if (signalCode !== null) return `it was ended by ${signalCode}`;
    return exitCode === null ? undefined : `it ended with ${exitCode}`;
  }

  /** Whether it is this application that answers on a port of an address; `undefined` where nobody can tell. */
  holds(port: number, host: Loopback): boolean | undefined {
    const { pid } = this.#child;
    if (pid === undefined || windows) return undefined;
    const all = runningProcesses();
    const own = [...all.filter(({ group }) => group === pid), ...descendantsOf(pid, all)];
    return isHeldBy(new Set(own.flatMap((one) => (one.ended ? [] : [one.pid]))), port, host);
  }

  /** Ends all of it: asks first, and does not ask again after five seconds. */
  async stop(): Promise<void> {
    try {
      this.#signal('SIGTERM');
      await this.#until(() => this.#all().every(({ ended }) => ended), patience);
      this.endNow();
      // What has ended is gone when its parent was told, which may be somebody who never asks.
      await this.#until(() => this.#all().length === 0, 1000);
      // What is nobody's child any more may hold its output open.
      await Promise.race([this.#closed, wait(patience, undefined, { ref: false })]);
    } finally {
      this.#child.stdout?.destroy();
      this.#child.stderr?.destroy();
    }
  }

  async #until(done: () => boolean, milliseconds: number): Promise<void> {
    const until = performance.now() + milliseconds;
    while (!done() && performance.now() < until) await wait(pollInterval);
  }

  /** Ends all of it without asking. */
  endNow(): void {
    this.#signal('SIGKILL');
  }

  /** All that there is of it. */
  #all(): readonly Pick<RunningProcess, 'ended'>[] {
    const { pid } = this.#child;
    if (pid === undefined) return [];
    if (windows) return this.ended === undefined ? [{ ended: false }] : [];
    const all = runningProcesses();
    return this.#isTaken(all) ? [] : all.filter((one) => one.group === pid || this.#isStray(one));
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    if (windows) {
      if (this.ended === undefined) spawnSync('taskkill', ['/PID', String(pid), '/T', '/F']);
      return;
    }
    const all = runningProcesses();
    if (this.#isTaken(all)) return;
    for (const one of descendantsOf(pid, all)) if (one.group !== pid) this.#strays.set(one.pid, one.started);
    // Looked for as well when nobody can tell which processes there are.
    kill(-pid, signal);
    for (const one of all) if (this.#isStray(one)) kill(one.pid, signal);
  }

  /** It ended long ago, and another process has its number by now. */
  #isTaken(all: readonly RunningProcess[]): boolean {
    const one = all.find(({ pid }) => pid === this.#child.pid);
    return one !== undefined && one.started !== this.#started;
  }

  #isStray({ pid, started }: RunningProcess): boolean {
    return this.#strays.get(pid) === started;
  }
}

function kill(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in this moment.
  }
}
