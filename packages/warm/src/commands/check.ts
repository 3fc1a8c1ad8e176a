import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { WarmError } from '../errors.ts';
import { exitCodes } from './exit-codes.ts';
import { commonFlags } from './flags.ts';
import { takeInterrupts } from './interrupt.ts';

/** `pagetree check`: compares a web server in front of a tree with the middleware. */
export default class Check extends Command {
  static override summary =
    'Ask a web server in front of the tree whether it answers as the middleware does.';
  static override usage = 'check URL [--origin URL] [OPTIONS]';
  static override description = [
    'Asks for stored pages and for the edges: names, queries, cookies, methods, codings, ranges, conditions, odd paths, files that are no pages, and pages that are purged. Each difference is printed with the setting to look at.',
    'For the edges it stores some pages of its own under /pagetree-check-<by chance>, and takes them away at the end. They tell what comes from the tree, whatever the application says. With --pages-only it stores nothing.',
    'With --origin the application is asked the same, and what is not for the tree must be answered as the application answers it.',
    'Exit codes: 0 all the same; 3 differences; 5 the server or the application does not answer; 2 a mistake in the command or the configuration, or the folder is no tree; 1 internal error; 129, 130 and 143 stopped.',
  ].join('\n\n');
  static override examples = [
    { command: '<%= config.bin %> check http://127.0.0.1:8080', description: 'What the tree can tell:' },
    {
      command:
        '<%= config.bin %> check https://example.org --origin http://127.0.0.1:3000 --cache-dir ./cache --all',
      description: 'Every page, and the application beside it:',
    },
    {
      command: '<%= config.bin %> check http://127.0.0.1:8080 --host example.org --static',
      description: 'A site without an application, under its own name:',
    },
  ];
  static override args = {
    url: Args.string({ ignoreStdin: true, description: 'Scheme, host and port of the web server.' }),
  };
  static override flags = {
    origin: Flags.string({
      helpValue: 'URL',
      summary: 'The application with the middleware: scheme, host and port, such as http://127.0.0.1:3000.',
    }),
    host: Flags.string({ helpValue: 'NAME', summary: 'The Host header, when it is not the one of the URL.' }),
    sample: Flags.string({
      helpValue: 'N',
      summary: 'How many stored pages are asked for, taken by chance. Default 50.',
      exclusive: ['all'],
    }),
    all: Flags.boolean({ summary: 'Ask for every stored page.' }),
    'pages-only': Flags.boolean({ summary: 'Ask for stored pages only, and store none.' }),
    static: Flags.boolean({ summary: 'There is no application behind the server.' }),
    concurrency: Flags.string({ helpValue: 'N', summary: 'How many questions at once. Default 4.' }),
    timeout: Flags.string({ helpValue: 'SECONDS', summary: 'How long an answer may take. Default 30.' }),
    insecure: Flags.boolean({ summary: 'Take any certificate of the server.' }),
    verbose: Flags.boolean({ char: 'v', summary: 'Name every question, and what is known and harmless.' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Check);
    if (args.url === undefined) {
      throw new WarmError('ERR_PAGETREE_USAGE', 'No web server is named that should be asked.', {
        hint: 'Name its address: pagetree check http://127.0.0.1:8080',
      });
    }
    const { checkServer } = await import('../check/check.ts');
    const interrupt = takeInterrupts(
      () => process.stderr.write('Stopping; the pages of this check are taken away.\n'),
      () => process.stderr.write('Stopped; pages of this check may be left: /pagetree-check-*\n'),
    );
    try {
      const exitCode = await checkServer(args.url, flags, process, interrupt);
      if (exitCode !== exitCodes.done) this.exit(exitCode);
    } finally {
      interrupt.release();
    }
  }
}
