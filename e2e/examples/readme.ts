/** The commands of a README, and what it says that they print. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One command of a README. */
export interface Shown {
  readonly command: string;
  /** The lines below it, up to the next command. */
  readonly prints: string;
}

/** The commands in the `console` blocks of a README, in order. */
export async function commandsOf(readme: string): Promise<readonly Shown[]> {
  const text = await readFile(readme, 'utf8');
  const blocks = [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((shown) => {
        const [command = '', ...lines] = shown.split('\n');
        return { command, prints: lines.join('\n') };
      }),
  );
}

/** Runs a command as a person would, and gives back what it prints, without the returns of HTTP. */
export async function print(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await run('sh', ['-c', command], { cwd, env });
  return stdout.replaceAll('\r', '');
}
