import { createInterface } from 'node:readline/promises';
import { WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';

/**
 * Asks whether really everything should go.
 *
 * @throws {WarmError} where nobody can be asked.
 */
export async function confirmAll(
  cacheDir: string,
  { stdin, stderr }: Pick<NodeJS.Process, 'stdin' | 'stderr'>,
): Promise<boolean> {
  if (!stdin.isTTY || !stderr.isTTY) {
    throw new WarmError(
      'ERR_PAGETREE_USAGE',
      'This would remove every page, and nobody is there to be asked.',
      {
        hint: 'Add --yes if that is meant.',
      },
    );
  }
  const prompt = createInterface({ input: stdin, output: stderr });
  // Ctrl-C and Ctrl-D leave the question on its line.
  const closed = new Promise<string>((resolve) => prompt.once('close', () => resolve('\n')));
  const asked = prompt.question(`Remove every page of ${printable(cacheDir)}? [y/N] `);
  const answer = await Promise.race([asked, closed]);
  if (answer === '\n') stderr.write('\n');
  prompt.close();
  const yes = /^y(es)?$/i.test(answer.trim());
  if (!yes) stderr.write('Nothing was removed.\n');
  return yes;
}
