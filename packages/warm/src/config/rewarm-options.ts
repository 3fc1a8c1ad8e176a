/** From the options of `cache-warm` to those that say how a page is asked for once more. */
import { ruleFlags } from '../commands/flags.ts';
import { WarmError } from '../errors.ts';
import { type Origin, parseOrigin } from '../plan/origin.ts';
import { printable } from '../report/printable.ts';
import { isOneOf } from '../tree/own-urls.ts';
import type { WarmOptions } from '../warm.ts';
import { type FlagShape, fromEnvironment } from './environment.ts';
import { loadConfig } from './load.ts';
import { type WarmFlags, warmOptions } from './warm-options.ts';
import { keyOf, type WarmFlag, warmTable } from './warm-table.ts';

/** The settings of a run that are about one page. The others choose pages, start applications or judge a whole run. */
const asking = [
  ...(['origin', 'host', 'socket', 'ca', 'cert', 'key', 'insecure', 'header', 'header-file'] as const),
  ...(['user', 'password-file', 'cookie-file', 'concurrency', 'rate', 'delay', 'timeout'] as const),
  ...(['connect-timeout', 'first-byte-timeout', 'retries'] as const),
  ...(['must-contain', 'must-not-contain', 'min-size'] as const),
] as const satisfies readonly WarmFlag[];

/** How pages of one site are fetched again. */
export interface RewarmOptions {
  readonly origin: Origin;
  /** For `warm`, but for the tree and the pages. */
  readonly options: Omit<WarmOptions, 'cacheDir' | 'lists' | 'urls'>;
}

/** What the command line and the process say. */
export interface RewarmSources {
  readonly origin: string | undefined;
  readonly config: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/**
 * The options of `cache-warm` that fit, from the command line, the environment and the configuration file.
 *
 * @throws {WarmError} for an option that is wrong, and when nothing says which site it is.
 */
export async function readRewarmOptions({ origin, config, env, cwd }: RewarmSources): Promise<RewarmOptions> {
  const flags = { ...fromEnvironment(shapes(), { origin }, env), origin: origin ?? env.PAGETREE_ORIGIN };
  const values = (await loadConfig(cwd, config))?.values ?? {};
  const { warm = {}, ...tree } = values;
  const kept = new Set<string>(asking.map(keyOf));
  const settings = Object.fromEntries(Object.entries(warm).filter(([key]) => kept.has(key)));
  const options = warmOptions(flags as WarmFlags, { ...tree, warm: settings });
  if (options.origin === undefined || options.origin === '') {
    throw new WarmError(
      'ERR_PAGETREE_USAGE',
      '--rewarm needs the address of the site, and nothing says it.',
      {
        hint: 'Add --origin with it, for example --origin http://127.0.0.1:3000',
      },
    );
  }
  const site = parseOrigin('--origin', options.origin);
  const { hosts, host = site.host } = options;
  if (hosts !== undefined && !isOneOf(host, hosts)) throw notItsHost(host, hosts);
  return { origin: { ...site, alias: options.host }, options };
}

/** Every page would be refused, and the purge would only remove. */
function notItsHost(host: string, hosts: readonly string[]): WarmError {
  const names = hosts.map((one) => printable(one)).join(', ');
  return new WarmError(
    'ERR_PAGETREE_USAGE',
    `The site would be asked as ${printable(host)}, which is none of its hosts (${names}): no page could be stored.`,
    { hint: 'Set host in the group "warm" of the configuration file to one of them. Nothing was removed.' },
  );
}

/** What may stand in the environment, too. */
function shapes(): Record<string, FlagShape> {
  const settings = asking.map((flag): [string, FlagShape] => {
    const { kind } = warmTable[flag];
    return [flag, { type: kind === 'switch' ? 'boolean' : 'option', multiple: kind === 'texts' }];
  });
  return { ...Object.fromEntries(settings), ...ruleFlags };
}
