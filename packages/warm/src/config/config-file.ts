import { wrongValue } from './values.ts';

/**
 * The configuration file that a command is told: by `--config`, else by `PAGETREE_CONFIG`. `undefined`: nobody names one, it is
 * looked for.
 *
 * @throws {WarmError} for an empty `--config`; an empty variable says nothing.
 */
export function configFileOf(
  flag: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (flag === '') throw wrongValue('--config', 'a file', flag);
  return flag ?? (env.PAGETREE_CONFIG || undefined);
}
