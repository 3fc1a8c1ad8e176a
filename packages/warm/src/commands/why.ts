import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { WarmError } from '../errors.ts';
import { commonFlags } from './flags.ts';

/** `pagetree why`: explains one URL. */
export default class Why extends Command {
  static override summary = 'Say why a page is or is not cached.';
  static override usage = 'why URL [--origin URL] [OPTIONS]';
  static override description = [
    'Which rule a request meets, which file is its page, whether that is stored, when and by whom, and what a web server in front of the tree would answer. Rules of the configuration file count.',
    'With --origin the running site is asked too, as a visitor asks: its Cache-Status tells why it does not store a response.',
    'Exit codes: 0 explained; 2 a mistake in the command or the configuration, or the folder is no tree; 1 internal error.',
  ].join('\n\n');
  static override examples = [
    { command: '<%= config.bin %> why /blog/', description: 'What the tree knows:' },
    {
      command: "<%= config.bin %> why /account --header 'Cookie: session=1' --origin http://127.0.0.1:3000",
      description: 'What a visitor with a cookie gets:',
    },
  ];
  static override args = {
    url: Args.string({ ignoreStdin: true, description: 'The path (/about) or URL, as a client sends it.' }),
  };
  static override flags = {
    origin: Flags.string({
      helpValue: 'URL',
      summary: 'Ask the running site as well: scheme, host and port, such as http://127.0.0.1:3000.',
    }),
    method: Flags.string({ helpValue: 'NAME', default: 'GET', summary: 'The method of the request.' }),
    header: Flags.string({
      helpValue: 'LINE',
      multiple: true,
      multipleNonGreedy: true,
      summary: "A header of the request, such as 'Cookie: a=b'. May be given several times.",
    }),
    timeout: Flags.string({ helpValue: 'SECONDS', summary: 'How long the site may take. Default 30.' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Why);
    if (args.url === undefined) {
      throw new WarmError('ERR_PAGETREE_USAGE', 'No URL is named that should be explained.', {
        hint: 'Name a path or a URL: pagetree why /about',
      });
    }
    const { explainUrl } = await import('../tree/why.ts');
    await explainUrl(args.url, { ...flags, header: flags.header ?? [] }, process);
  }
}
