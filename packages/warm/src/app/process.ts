/** One process of an application, with everything that it starts. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { AppOutput } from './output.ts';

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
  #failure: Error | undefined;

  constructor(command: string, env: Readonly<Record<string, string | undefined>>) {
    this.#child = spawn(command, {
      shell: true,
      detached: !windows,
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.on('error', (error) => {
      this.#failure = error;
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => this.output.add(chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => this.output.add(chunk));
    this.#closed = once(this.#child, 'close').catch(() => {});
    // Whatever ends us, the application must not stay.
    process.once('exit', this.#endNow);
  }

  /** How it ended, in words; `undefined` while it runs. */
  get ended(): string | undefined {
    const { exitCode, signalCode } = this.#child;
    if (this.#failure !== undefined) return `it could not be started: ${this.#failure.message}`;
    if (signalCode !== null) return `it was ended by ${signalCode}`;
    return exitCode === null ? undefined : `it ended with ${exitCode}`;
  }

  /** Ends the whole group: asks first, and does not ask again after five seconds. */
  async stop(): Promise<void> {
    try {
      this.#signal('SIGTERM');
      const until = performance.now() + patience;
      while (this.#lives() && performance.now() < until) await wait(pollInterval);
      this.#endNow();
      while (this.#lives()) await wait(pollInterval);
      await this.#closed;
    } finally {
      process.off('exit', this.#endNow);
    }
  }

  readonly #endNow = (): void => this.#signal('SIGKILL');

  #lives(): boolean {
    const { pid } = this.#child;
    if (pid === undefined) return false;
    if (windows) return this.ended === undefined;
    try {
      process.kill(-pid, 0);
      return true;
    } catch {
      return false;
    }
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const { pid } = this.#child;
    if (pid === undefined || !this.#lives()) return;
    if (windows) {
      spawnSync('taskkill', ['/PID', String(pid), '/T', '/F']);
      return;
    }
    try {
      process.kill(-pid, signal);
    } catch {
      // It ended in this moment.
    }
  }
}
