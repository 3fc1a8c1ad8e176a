/** What GitHub Actions hear of a run of `cache-warm` that came to nothing, whatever stood in its way. */
import { fromEnvironment } from '../config/environment.ts';
import type { OutputSettings } from '../config/output-table.ts';
import { Problems } from '../config/problems.ts';
import { tellFailure } from '../report/github.ts';
import { complain } from './complain.ts';

/** Where a run came to nothing. */
export interface Failed {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: { write(text: string): unknown };
  /** `undefined`: it is not known, since something else is wrong that hides it. */
  readonly output: OutputSettings | undefined;
}

/** Tells of an error, in Actions that want to hear of it. */
export function tellGithub(error: unknown, { argv, env, stderr, output }: Failed): void {
  // By such an error oclif ends a command that has said what there is to say.
  if (env.GITHUB_ACTIONS !== 'true' || (error as { code?: unknown }).code === 'EEXIT') return;
  if (output === undefined ? isOff(argv, env) : output.github === false) return;
  tellFailure({ log: stderr, summaryFile: env.GITHUB_STEP_SUMMARY }, complain('cache-warm', error));
}

/** Whether a command line that cannot be understood, or else the environment, wants GitHub to be told nothing. */
function isOff(argv: readonly string[], env: Failed['env']): boolean {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  if (words.includes('--github') || words.includes('--no-github')) return words.includes('--no-github');
  return fromEnvironment({ github: { type: 'boolean' } }, {}, env, new Problems()).github === false;
}
