import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { WarmError } from '../errors.ts';
import { commonFlags, plainSwitch } from './flags.ts';

const { json: _, ...shared } = commonFlags;

/** `pagetree config`: the configuration of a web server in front of a tree. */
export default class Config extends Command {
  static override summary = 'Print the configuration of a web server for a page cache.';
  static override usage = 'config nginx|apache|caddy|static [OPTIONS]';
  static override description = [
    'The server answers what is in the tree as the middleware does: same file, status, type, validators, compressed variants. Everything else goes to the application. It follows from the manifest of the tree and from the rules about requests in the configuration file (cachePaths, excludePaths, cookies, ignoreCookies, hosts). For static hosting it prints _headers and _redirects.',
    'nginx: a file for /etc/nginx/conf.d. apache: a file for /etc/apache2/sites-available, with the modules that it needs in its first lines. caddy: a Caddyfile.',
    'Exit codes: 0 printed; 2 a mistake in the command or the configuration, the folder is no tree, or the server cannot be told what the tree needs; 1 internal error.',
  ].join('\n\n');
  static override examples = [
    {
      command: '<%= config.bin %> config nginx --upstream http://127.0.0.1:3000 --server-name example.org',
      description: 'nginx in front of an application:',
    },
    {
      command: '<%= config.bin %> config caddy --static --output /etc/caddy/Caddyfile',
      description: 'Caddy, for a site that was made beforehand:',
    },
    {
      command: '<%= config.bin %> config static --cache-dir ./public',
      description: 'Rules for a static host:',
    },
  ];
  static override args = {
    server: Args.string({ ignoreStdin: true, description: 'nginx, apache, caddy or static.' }),
  };
  static override flags = {
    upstream: Flags.string({
      helpValue: 'URL',
      summary:
        'Where the application listens: http://host:port or unix:/path. Default http://127.0.0.1:3000.',
    }),
    'server-name': Flags.string({
      helpValue: 'NAME',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'A name of the site. May be given several times. Default any.',
    }),
    listen: Flags.string({
      helpValue: 'ADDRESS',
      summary: 'The port, or address and port, to listen on. Default 80.',
    }),
    static: plainSwitch({ summary: 'There is no application: what is not in the tree is a 404.' }),
    cookies: Flags.string({
      helpValue: 'HOW',
      summary: 'bypass: a request with a cookie goes to the application. ignore: cookies do not matter.',
    }),
    'ignore-cookie': Flags.string({
      helpValue: 'NAME',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'A cookie that changes no page, * at the end for any rest. May be given several times.',
    }),
    output: Flags.string({
      helpValue: 'FILE',
      summary: 'Write a file, whole or not at all. For static: the folder of _headers and _redirects.',
    }),
    ...shared,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Config);
    if (args.server === undefined) {
      throw new WarmError('ERR_PAGETREE_USAGE', 'No server is named.', {
        hint: 'Name one of nginx, apache, caddy, static: pagetree config nginx',
      });
    }
    const { printConfig } = await import('../front-end/print.ts');
    await printConfig(
      args.server,
      { ...flags, 'server-name': flags['server-name'] ?? [], 'ignore-cookie': flags['ignore-cookie'] ?? [] },
      process,
    );
  }
}
