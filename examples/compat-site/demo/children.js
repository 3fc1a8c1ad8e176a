import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** As much of what a child said as is shown when it fails. */
const REMEMBERED = 4000;
/** Milliseconds a child has to end after it was asked to. */
const PATIENCE = 3000;

/** The processes that the demo started: none of them outlives it. */
export class Children {
  #running = new Set();
  #closed = false;
  /** A server that ended although nobody asked it to. */
  #fallen;

  /**
   * Starts a Node program. It gets a process group of its own, so that Ctrl-C reaches only the demo, which then
   * ends its children in the right order.
   * @param {object} [how]
   * @param {'inherit' | 'pipe'} [how.stderr] `inherit` for a program that draws on the terminal
   * @param {boolean} [how.serves] it is to run until it is stopped
   */
  start(name, args, { cwd, stderr = 'pipe', serves = false } = {}) {
    if (this.#closed) throw new Error('the demo is ending.');
    const process_ = spawn(process.execPath, args, {
      cwd,
      stdio: ['ignore', 'pipe', stderr],
      detached: true,
    });
    const child = { name, process: process_, stdout: '', said: '', ended: undefined };
    const remember = (text) => {
      child.said = (child.said + text).slice(-REMEMBERED);
    };
    process_.stdout.setEncoding('utf8').on('data', (text) => {
      child.stdout += text;
      remember(text);
    });
    process_.stderr?.setEncoding('utf8').on('data', remember);
    this.#running.add(child);
    // 'close' comes after the last output, also for a program that could not be started.
    process_.on('error', (error) => remember(error.message));
    process_.on('close', (code, signal) => {
      child.ended = signal ?? `exit code ${code}`;
      this.#running.delete(child);
      if (serves && !this.#closed) this.#fallen = child;
    });
    return child;
  }

  /** Runs a program to its end; anything but exit code 0 is an error. */
  async run(name, args, how) {
    const child = this.start(name, args, how);
    const [code] = await once(child.process, 'close');
    if (code !== 0) throw failure(child);
    return child.stdout;
  }

  /** What went wrong, for a person: when a server ended on its own, that is the cause. */
  async explain(error) {
    // A refused connection is known sooner than the end of the process behind it.
    if (error.expected !== true) await sleep(100);
    if (this.#fallen) return failure(this.#fallen).message;
    return error.expected === true ? error.message : error.stack;
  }

  /** From here on nothing is started. */
  close() {
    this.#closed = true;
  }

  /** Ends all that run. Gently, they may finish what they are writing. */
  async stop({ gently }) {
    await Promise.all(
      [...this.#running].map(async ({ process: running }) => {
        if (running.pid === undefined) return;
        const closed = once(running, 'close');
        running.kill(gently ? 'SIGTERM' : 'SIGKILL');
        const patience = new AbortController();
        const late = sleep(PATIENCE, true, { signal: patience.signal }).catch(() => false);
        if (await Promise.race([closed.then(() => false), late])) running.kill('SIGKILL');
        await closed;
        patience.abort();
      }),
    );
  }
}

/** What a person is told of a child that failed. */
export function failure({ name, ended, said }) {
  const text = said.trim();
  const output = text === '' ? 'It said nothing.' : `It said:\n\n${text.replace(/^/gm, '  ')}`;
  return expected(`${name} ended with ${ended}. ${output}`);
}

/** An error whose message says it all: it is shown without a stack. */
export function expected(message) {
  return Object.assign(new Error(message), { expected: true });
}
