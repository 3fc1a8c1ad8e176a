import { parseArgs } from 'node:util';

const USAGE = `Starts the compat site, keeps all of its pages as files, serves them and purges some.

Usage: node examples/compat-site/demo.js [options]

  --urls N    Warm only the first N pages of the site.
  --port N    The port of the site. Without it a free one is taken.
  --keep      Leave the folder with the pages where it is, and say where.
  --help      Print this.

The pages go to a temporary folder, which is removed at the end and on Ctrl-C.
Colours are left out where NO_COLOR is set or the output is no terminal.
`;

/** What the command line says; a mistake in it ends the process with exit code 2. */
export function readOptions(argv = process.argv.slice(2)) {
  let values;
  try {
    ({ values } = parseArgs({
      args: argv,
      options: {
        urls: { type: 'string' },
        port: { type: 'string', default: '0' },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    return refuse(error.message);
  }
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  const { keep } = values;
  const port = wholeNumber('port', values.port, 0, 65_535);
  const urls = values.urls === undefined ? undefined : wholeNumber('urls', values.urls, 1, 10_000_000);
  return { port, urls, keep };
}

function wholeNumber(name, text, least, most) {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  return refuse(`--${name} must be a whole number from ${least} to ${most}, not '${text}'.`);
}

function refuse(sentence) {
  process.stderr.write(`${sentence}\nSee --help.\n`);
  process.exit(2);
}
