/** `pagetree config`: reads the manifest and the rules, and prints the configuration of a server. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type CacheOptions, openTree, type PageCache } from '@pagetree/core';
import { exitCodes } from '../commands/exit-codes.ts';
import { findCacheDir } from '../config/cache-dir.ts';
import { wrongValue } from '../config/values.ts';
import { WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';
import { WholeFile } from '../report/whole-file.ts';
import { type Around, configOf } from '../tree/open.ts';
import { lacksLayout } from '../tree/open-tree.ts';
import { apacheConfig } from './apache.ts';
import { caddyConfig } from './caddy.ts';
import { type FrontEndInput, type Model, modelOf } from './model.ts';
import { nginxConfig } from './nginx.ts';
import { parseListen, parseServerName, parseUpstream } from './options.ts';
import { staticHostFiles } from './static-host.ts';

/** What there is a generator for. */
const servers = ['nginx', 'apache', 'caddy', 'static'] as const;

/** The command line. */
export interface ConfigFlags {
  readonly 'cache-dir'?: string | undefined;
  readonly config?: string | undefined;
  readonly upstream?: string | undefined;
  readonly 'server-name': readonly string[];
  readonly listen?: string | undefined;
  readonly static: boolean;
  readonly cookies?: string | undefined;
  readonly 'ignore-cookie': readonly string[];
  readonly output?: string | undefined;
}

const generators: Readonly<Record<(typeof servers)[number], (model: Model) => string>> = {
  nginx: nginxConfig,
  apache: apacheConfig,
  caddy: caddyConfig,
  static: (model) => {
    const { _headers, _redirects } = staticHostFiles(model);
    return `# File _headers:\n${_headers}\n# File _redirects:\n${_redirects}`;
  },
};

/** Prints the configuration, or writes it into a file. */
export async function printConfig(
  server: string,
  flags: ConfigFlags,
  { stdout, env, cwd }: Around,
): Promise<number> {
  const generate = Object.hasOwn(generators, server)
    ? generators[server as keyof typeof generators]
    : undefined;
  if (generate === undefined) {
    throw new WarmError('ERR_PAGETREE_USAGE', `There is no configuration for ${printable(server, 40)}.`, {
      hint: `Name one of ${servers.join(', ')}: pagetree config nginx`,
    });
  }
  const model = modelOf(await inputFrom(server, flags, { env, cwd }));
  if (flags.output === undefined) {
    stdout.write(generate(model));
    return exitCodes.done;
  }
  const output = resolve(cwd(), flags.output);
  if (server !== 'static') await writeWhole(output, generate(model));
  else
    for (const [name, text] of Object.entries(staticHostFiles(model)))
      await writeWhole(join(output, name), text);
  return exitCodes.done;
}

async function writeWhole(name: string, text: string): Promise<void> {
  const file = new WholeFile(name, 'configuration');
  file.write(text);
  await file.finish();
}

async function inputFrom(
  server: string,
  flags: ConfigFlags,
  { env, cwd }: Pick<Around, 'env' | 'cwd'>,
): Promise<FrontEndInput> {
  const { cookies, static: alone, listen } = flags;
  if (cookies !== undefined && cookies !== 'bypass' && cookies !== 'ignore') {
    throw wrongValue('--cookies', 'bypass or ignore', cookies);
  }
  if (alone && flags.upstream !== undefined) {
    throw wrongValue('--upstream', 'left out with --static', flags.upstream);
  }
  if (server === 'static') refuseForStatic(flags);
  const config = await configOf(flags, { env, cwd });
  const cacheDir = await findCacheDir({
    flag: flags['cache-dir'],
    config: async () => config?.values.cacheDir,
    env,
    cwd: cwd(),
  });
  const values = config?.values ?? {};
  const rules = {
    cookies: cookies ?? values.cookies ?? 'bypass',
    ignoreCookies: [...(values.ignoreCookies ?? []), ...flags['ignore-cookie']],
    hosts: values.hosts,
    cachePaths: values.cachePaths ?? ['/'],
    excludePaths: values.excludePaths ?? [],
  };
  // Core judges the rules; a name of a cookie with * at its end is judged with the pattern that is made of it.
  const { ignoreCookies: _, hosts, ...judged } = rules;
  const tree = openMapped(cacheDir, {
    ...judged,
    ...(hosts === undefined ? {} : { hosts }),
    io: 'direct',
    coalesce: false,
  });
  return {
    // As it was named: a link that --publish switches must stay one.
    root: cacheDir,
    manifest: tree.manifest,
    rules,
    upstream: alone || server === 'static' ? undefined : parseUpstream(flags.upstream),
    serverNames: flags['server-name'].map(parseServerName),
    listen: parseListen(listen),
    command: commandLine(server, cacheDir, flags),
  };
}

/**
 * Opens a tree whose mapping can be written down for a server. A layout that is not built in is a program, which none runs.
 *
 * @throws {WarmError} `ERR_PAGETREE_OPTION` for such a tree.
 */
function openMapped(cacheDir: string, options: Omit<CacheOptions, 'cacheDir' | 'layout'>): PageCache {
  try {
    return openTree(cacheDir, options);
  } catch (error) {
    if (!lacksLayout(error)) throw error;
    const manifest = readFileSync(join(cacheDir, '.pagetree', 'tree.json'), 'utf8');
    const { layout } = JSON.parse(manifest) as { layout: string };
    throw new WarmError(
      'ERR_PAGETREE_OPTION',
      `layout: a web server can follow mirror, html and index, but this tree has one of its own, ${JSON.stringify(layout)}.`,
      {
        hint: 'Let the middleware serve this tree, or make another one: cache-warm --layout mirror --cache-dir ./public',
        cause: error,
      },
    );
  }
}

/** Options that say nothing about a static host: there is no server that listens and no application. */
function refuseForStatic(flags: ConfigFlags): void {
  for (const name of ['upstream', 'listen', 'cookies'] as const) {
    const value = flags[name];
    if (value !== undefined) throw wrongValue(`--${name}`, 'left out for a static host', value);
  }
  for (const name of ['server-name', 'ignore-cookie'] as const) {
    const [value] = flags[name];
    if (value !== undefined) throw wrongValue(`--${name}`, 'left out for a static host', value);
  }
}

/** The command line as a person would write it again. What comes from the configuration file stays there. */
function commandLine(server: string, root: string, flags: ConfigFlags): string {
  const words = ['pagetree', 'config', server, '--cache-dir', shellWord(root)];
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined) words.push(`--${name}`, shellWord(value));
  };
  add('config', flags.config);
  add('upstream', flags.upstream);
  for (const name of flags['server-name']) add('server-name', name);
  add('listen', flags.listen);
  if (flags.static) words.push('--static');
  add('cookies', flags.cookies);
  for (const name of flags['ignore-cookie']) add('ignore-cookie', name);
  return words.join(' ');
}

function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
