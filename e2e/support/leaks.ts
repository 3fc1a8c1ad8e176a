/** Who is still there: what a program must not leave behind. */
import { readdir, readFile, readlink } from 'node:fs/promises';

/** The command lines of processes that run in a folder or name it. Empty where there is no /proc. */
export async function processesAt(folder: string): Promise<string[]> {
  const ids = await readdir('/proc').catch(() => []);
  const found: string[] = [];
  for (const id of ids) {
    if (!/^\d+$/.test(id) || Number(id) === process.pid) continue;
    const command = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
    const cwd = await readlink(`/proc/${id}/cwd`).catch(() => '');
    if (command.includes(folder) || cwd.startsWith(folder)) found.push(command.replaceAll('\0', ' '));
  }
  return found;
}
