/** Starts the real programs as processes of their own, and ends what it started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Answer, type Asking, ask } from './ask.ts';

const warmPackage = import.meta.resolve('@pagetree/warm/package.json');
const { bin } = JSON.parse(readFileSync(new URL(warmPackage), 'utf8')) as { bin: Record<string, string> };
const sitePackage = import.meta.resolve('@pagetree/example-compat-site/package.json');

/** The file behind a command of `@pagetree/warm`. */
export const binOf = (name: 'cache-warm' | 'cache-purge' | 'pagetree') =>
  fileURLToPath(new URL(bin[name]!, warmPackage));

/** A file of the compat site. */
export const siteFile = (name: string) => fileURLToPath(new URL(name, sitePackage));

/** How a program ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and how a program runs. */
export interface Running {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
}

/** A program that runs. */
export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it said up to now. */
  readonly said: { stdout: string; stderr: string };
}

export function start(command: string, args: readonly string[], how: Running = {}): Started {
  const child = spawn(command, args, { cwd: how.cwd, env: how.env ?? process.env, stdio: 'pipe' });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.stderr += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(how.stdin ?? '');
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...said }));
  return { process: child, ended, said };
}

/** Runs a Node program to its end. */
export function runNode(file: string, args: readonly string[], how?: Running): Promise<Ended> {
  return start(process.execPath, [file, ...args], how).ended;
}

export const cacheWarm = (args: readonly string[], how?: Running) => runNode(binOf('cache-warm'), args, how);
export const cachePurge = (args: readonly string[], how?: Running) =>
  runNode(binOf('cache-purge'), args, how);

/** Waits until a program said something, or fails with what it said instead. */
export async function hear(program: Started, from: 'stdout' | 'stderr', pattern: RegExp): Promise<string[]> {
  for (;;) {
    const found = pattern.exec(program.said[from]);
    if (found) return [...found];
    const over = program.ended.then(({ code, signal, stdout, stderr }) => {
      throw new Error(`ended with ${signal ?? code} and said: ${stdout}${stderr}`);
    });
    await Promise.race([once(program.process[from]!, 'data'), over]);
  }
}

/** The compat site as a process. */
export interface Site {
  readonly origin: string;
  readonly port: number;
  ask(path: string, asking?: Asking): Promise<Answer>;
  stop(): Promise<void>;
}

/** Starts the compat site; with a folder the middleware is in front of it. */
export async function startSite({ cacheDir }: { cacheDir?: string } = {}): Promise<Site> {
  const args = [siteFile('server.js'), '--port', '0', ...(cacheDir ? ['--cache-dir', cacheDir] : [])];
  const program = start(process.execPath, args);
  const [, origin] = await hear(program, 'stdout', /listens on (http:\S+)\n/);
  return {
    origin: origin!,
    port: Number(new URL(origin!).port),
    ask: (path, asking) => ask(origin!, path, asking),
    stop: () => stop(program),
  };
}

/** Ends a program by its id, and waits until it is gone. */
export async function stop({ process: child, ended }: Started): Promise<void> {
  child.kill('SIGTERM');
  await ended;
}
