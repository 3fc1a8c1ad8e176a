/** Real processes for tests: each child serves jobs over IPC, ends by itself with its parent, and is ended by its pid. */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that serves the jobs of a file in `children/`. */
export class Child {
  readonly ended: Promise<Ended>;
  readonly #process: ChildProcess;
  readonly #calls = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #count = 0;
  #errors = '';

  /** @param prefix a command that runs the rest of its line: `['setpriv', '--reuid=65534']`. */
  constructor(script: string, options: { prefix?: readonly string[]; env?: NodeJS.ProcessEnv } = {}) {
    const path = fileURLToPath(new URL(`children/${script}.js`, import.meta.url));
    const [command, ...args] = [...(options.prefix ?? []), process.execPath, path];
    this.#process = spawn(command!, args, {
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      env: { ...process.env, NODE_OPTIONS: '', ...options.env },
    });
    this.#process.stderr!.on('data', (bytes: Buffer) => {
      this.#errors = (this.#errors + bytes.toString()).slice(-4000);
    });
    this.#process.on('message', (answer: Answer) => {
      const call = this.#calls.get(answer.id);
      this.#calls.delete(answer.id);
      if (answer.error === undefined) call?.resolve(answer.value);
      else call?.reject(new Error(answer.error));
    });
    this.ended = new Promise((resolve) => {
      this.#process.on('error', () => resolve({ code: -1, signal: null }));
      this.#process.on('close', (code, signal) => resolve({ code, signal }));
    });
    void this.ended.then(({ code, signal }) => {
      running.delete(this);
      for (const { reject } of this.#calls.values()) {
        reject(new Error(`${script} ended (${signal ?? code}) before it answered\n${this.#errors}`));
      }
    });
    running.add(this);
  }

  /** Asks the process to do a job. Rejects when it ends before it answers. */
  call<T>(job: string, args: object = {}): Promise<T> {
    const id = ++this.#count;
    return new Promise<T>((resolve, reject) => {
      this.#calls.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#process.send({ id, job, args }, (error) => {
        if (error && this.#calls.delete(id)) reject(error);
      });
    });
  }

  /** Ends the process, if it still runs, and waits for its end. */
  async kill(): Promise<Ended> {
    this.#process.kill('SIGKILL');
    return this.ended;
  }
}

const running = new Set<Child>();
const folders: string[] = [];

/** A folder that is in memory where the system has one: what a killed process leaves is the same there. */
export const inMemory = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A folder that is gone after the test. */
export function temporaryFolder(under: string = tmpdir()): string {
  const folder = fs.mkdtempSync(join(under, 'pagetree-process-'));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  await Promise.all([...running].map((child) => child.kill()));
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

/** Every file and folder below a folder, sorted. */
export function everythingBelow(folder: string): string[] {
  return (fs.readdirSync(folder, { recursive: true }) as string[]).sort();
}

/** The files of fills that are not over. */
export function fillsIn(cacheDir: string): string[] {
  const entries = fs.readdirSync(`${cacheDir}/.pagetree/fills`, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
}
