/** Runs the real programs, as a shell would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a program left behind. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly input?: string | Buffer;
  /** Standard input has no end. @default false */
  readonly open?: boolean;
  readonly env?: Record<string, string>;
  readonly nodeArgs?: readonly string[];
  /** Put before the command: `['setpriv', ...]`. */
  readonly prefix?: readonly string[];
  /** Sees the process while it runs. */
  readonly watch?: (child: ChildProcess) => void;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

export function run(bin: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  const { cwd, input, open = false, env = {}, nodeArgs = [], prefix = [], watch } = options;
  const [command, ...rest] = [...prefix, process.execPath, ...nodeArgs, `${root}bin/${bin}.js`, ...args];
  const { PAGETREE_CACHE_DIR: _, ...outer } = process.env;
  const child = spawn(command!, rest, { cwd, env: { ...outer, ...env } });
  watch?.(child);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  // A program that ended before it read its input is no mistake of the test.
  child.stdin.on('error', () => {});
  if (!open) child.stdin.end(input ?? '');
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
  });
}

/** Nobody should see one of these for a mistake of his own. */
export const stackTrace = /\n\s+at |node:internal|Error:/;
