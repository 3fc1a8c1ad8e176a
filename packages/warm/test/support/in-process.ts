/** Runs commands in this process: many in the time that one takes as a process of its own. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Config } from '@oclif/core/config';
import { commands } from '../../src/commands/all.ts';
import { tell } from '../../src/commands/complain.ts';
import type { commandNames } from '../../src/commands/names.ts';
import type { Ran } from './bins.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pjson = {
  ...JSON.parse(readFileSync(`${root}package.json`, 'utf8')),
  oclif: { bin: 'pagetree' },
};

/** What `pagetree NAME ...` prints and ends with, as `runBin` does it. */
export async function runHere(name: (typeof commandNames)[number], argv: readonly string[]): Promise<Ran> {
  const config = await Config.load({ root, pjson, userPlugins: false, devPlugins: false });
  const said = { stdout: '', stderr: '' };
  const originals = { stdout: process.stdout.write, stderr: process.stderr.write };
  for (const stream of ['stdout', 'stderr'] as const) {
    process[stream].write = ((text: string | Uint8Array, ...more: unknown[]) => {
      said[stream] += typeof text === 'string' ? text : Buffer.from(text).toString();
      const done = more.find((one) => typeof one === 'function') as (() => void) | undefined;
      done?.();
      return true;
    }) as typeof process.stdout.write;
  }
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await commands[name].run([...argv], config);
  } catch (error) {
    const { code, oclif } = error as { code?: unknown; oclif?: { exit?: number } };
    if (code === 'EEXIT') process.exitCode = oclif?.exit ?? 0;
    else tell('pagetree', argv, error);
  } finally {
    Object.assign(process.stdout, { write: originals.stdout });
    Object.assign(process.stderr, { write: originals.stderr });
  }
  const code = Number(process.exitCode);
  process.exitCode = before;
  return { code, ...said };
}
