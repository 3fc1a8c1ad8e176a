/** The blocks of a page of docs: files to be written, and commands to be run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { binOf } from '../support/processes.ts';

/** One fenced block. */
export interface Block {
  readonly language: string;
  /** What stands behind the language: the name of a file. */
  readonly file: string | undefined;
  readonly content: string;
}

const docs = join(import.meta.dirname, '../../docs');

/** All blocks of a page. Each is a file, by its name, or commands. */
export async function blocksOf(page: string): Promise<readonly Block[]> {
  const source = await readFile(join(docs, page), 'utf8');
  const blocks = [...source.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(
    ([, language, file, content]): Block => ({ language: language!, file, content: content! }),
  );
  const unknown = blocks.filter(({ language, file }) => language !== 'sh' && file === undefined);
  if (unknown.length > 0) throw new Error(`nobody tests ${JSON.stringify(unknown[0])}`);
  // A fence that the pattern does not see would not be tested either.
  const fences = source.match(/^```/gm)?.length ?? 0;
  if (fences !== blocks.length * 2) throw new Error(`${page} has ${fences} fences`);
  return blocks;
}

/** The commands of a page, block by block. */
export async function commandsOf(page: string): Promise<readonly string[]> {
  return (await blocksOf(page)).filter(({ language }) => language === 'sh').map(({ content }) => content);
}

/** A file of a page. */
export async function fileOf(page: string, name: string): Promise<string> {
  const found = (await blocksOf(page)).find(({ file }) => file === name);
  if (found === undefined) throw new Error(`${page} has no ${name}`);
  return found.content;
}

/** Puts other names in place of those that a page uses. The longest goes first. */
export function replaced(content: string, names: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(names).sort(([one], [other]) => other.length - one.length);
  return sorted.reduce((sum, [from, to]) => sum.replaceAll(from, to), content);
}

/** A folder with our programs in it, for `PATH`. */
export async function programsIn(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of ['cache-warm', 'cache-purge', 'pagetree'] as const) {
    await symlink(binOf(name), join(folder, name));
  }
  return folder;
}

/** A program written by the test. */
export async function writeProgram(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content, { mode: 0o755 });
}

/** Runs commands as a person types them; the first that fails ends them all. */
export async function runShell(
  commands: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const { PAGETREE_CACHE_DIR: _, ...outer } = process.env;
  const child = spawn('bash', ['-euo', 'pipefail', '-c', commands], {
    cwd,
    env: { ...outer, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  // What a command leaves running keeps the pipes open: its end is the one of the shell.
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`ended with ${code}: ${commands}\n${await stdout}${await stderr}`);
  return stdout;
}
