import { printable } from '../report/printable.ts';
import { nearest } from '../tree/suggest.ts';
import { exitCodes } from './exit-codes.ts';
import { commandNames } from './names.ts';

/** How an error is told: what goes to standard error, what goes into JSON, and the exit code. */
export interface Complaint {
  readonly text: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly exitCode: number;
}

interface Told {
  readonly code?: unknown;
  readonly hint?: unknown;
  /** What the command wants to end with, when it is not the usual code. */
  readonly exitCode?: number;
  readonly message: string;
  readonly stack?: string;
  readonly flags?: readonly string[];
  readonly args?: unknown;
  readonly parse?: { readonly input?: { readonly flags?: Readonly<Record<string, unknown>> } };
  readonly oclif?: { readonly exit?: number };
}

/** Puts an error into words. A person's mistake is one sentence and what to do; only a bug shows its stack. */
export function complain(name: string, thrown: unknown): Complaint {
  const error: Told = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = typeof error.code === 'string' ? error.code : undefined;
  if (typeof error.hint === 'string') {
    const failed = code === 'ERR_PAGETREE_PURGE_INCOMPLETE' || code === 'ERR_PAGETREE_CLOSED';
    const cause = failed ? causeOf(thrown) : '';
    return {
      ...sentence(name, error.message + cause, error.hint),
      code: code ?? 'ERR_PAGETREE_USAGE',
      exitCode: error.exitCode ?? (failed ? exitCodes.internal : exitCodes.usage),
    };
  }
  if (error.oclif !== undefined) {
    return {
      ...sentence(name, commandLineProblem(error), `${meant(error)}See ${name} --help.`),
      code: 'ERR_PAGETREE_USAGE',
      exitCode: exitCodes.usage,
    };
  }
  const system = (error as NodeJS.ErrnoException).syscall !== undefined;
  const text = system ? printable(error.message) : (error.stack ?? error.message);
  return {
    text: system ? `${name}: ${text}\n` : `${name}: internal error, please report it: ${text}\n`,
    code: code ?? 'ERR_PAGETREE_INTERNAL',
    message: error.message,
    hint: undefined,
    exitCode: exitCodes.internal,
  };
}

/** A reader of the output that went away (`| head`) must not end a run in the middle. */
export function outliveReaders(): void {
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
}

/** Tells an error where it belongs, and sets the exit code. */
export function tell(name: string, argv: readonly string[], error: unknown): void {
  const { text, code, message, hint, exitCode } = complain(name, error);
  process.stderr.write(text);
  if (asksForJson(argv)) {
    process.stdout.write(`${JSON.stringify({ error: { code, message, hint }, exitCode }, null, 2)}\n`);
  }
  process.exitCode = exitCode;
}

/** Also when the command line is wrong, a program that asked for JSON gets JSON. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

function sentence(name: string, message: string, hint: string) {
  return { text: `${name}: ${message}\n  ${hint}\n`, message, hint };
}

function causeOf(thrown: unknown): string {
  const { cause } = thrown as { cause?: unknown };
  return cause instanceof Error ? ` (${printable(cause.message)})` : '';
}

/** A mistyped option or command is often one letter away from what was meant. */
function meant({ message, flags, parse }: Told): string {
  const command = unknownCommand.exec(message)?.[1];
  if (command !== undefined && isCommand(command)) return '';
  const option = /^--([^=]+)/.exec(flags?.[0] ?? '')?.[1];
  const near =
    command !== undefined
      ? nearest(command, commandNames)
      : option !== undefined && nearest(option, Object.keys(parse?.input?.flags ?? {}));
  if (!near) return '';
  return `Did you mean ${command === undefined ? '--' : ''}${near}? `;
}

function isCommand(word: string): boolean {
  return (commandNames as readonly string[]).includes(word);
}

/** What follows a command is joined to it by colons. */
const unknownCommand = /^command ([^\s:]*):?(.*) not found$/;

/** What oclif found wrong, in our words where its own are odd. */
function commandLineProblem({ message, flags }: Told): string {
  if (Array.isArray(flags) && flags.length > 0) {
    const names = flags.map((flag: string) => printable(flag)).join(', ');
    return `There is no option ${names}.`;
  }
  const first = printable(message.split('\n', 1)[0]!);
  const [, unknown, rest] = unknownCommand.exec(first) ?? [];
  if (unknown !== undefined) {
    return isCommand(unknown)
      ? `The command ${unknown} takes no argument; there is "${rest?.replaceAll(':', ' ')}".`
      : `There is no command "${unknown}".`;
  }
  return /[.!?]$/.test(first) ? first : `${first.replace(/^Flag /, 'The option ')}.`;
}
