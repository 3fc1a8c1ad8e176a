import { printable } from '../report/printable.ts';
import { jsonText } from '../tree/json.ts';
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
  /** The command has told it in its own JSON document. */
  readonly isInDocument?: boolean;
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
  const text = safe(system ? error.message : (error.stack ?? error.message));
  return {
    text: system ? `${name}: ${text}\n` : `${name}: internal error, please report it: ${text}\n`,
    code: code ?? 'ERR_PAGETREE_INTERNAL',
    message: safe(error.message),
    hint: undefined,
    exitCode: exitCodes.internal,
  };
}

/** Tells an error where it belongs, and sets the exit code. */
export function tell(name: string, argv: readonly string[], error: unknown): void {
  const { text, code, message, hint, exitCode } = complain(name, error);
  process.stderr.write(text);
  if (asksForJson(argv) && !(error as Told).isInDocument) {
    process.stdout.write(`${jsonText({ error: { code, message, hint }, exitCode }, 2)}\n`);
  }
  process.exitCode = exitCode;
}

/** Also when the command line is wrong, a program that asked for JSON gets JSON. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

function sentence(name: string, message: string, hint: string) {
  const [said, todo] = [safe(message), safe(hint)];
  return { text: `${name}: ${said}\n  ${todo}\n`, message: said, hint: todo };
}

/** No line of a message is longer: it names files and paths, and everything that is wrong in a configuration file. */
const LONGEST = 16_384;

/**
 * Makes what is told safe to print, wherever the names in it come from. A line break stays only before an indented line, which
 * cannot pass for one of ours: what an application said when it did not start, and where in the program a bug is.
 */
function safe(text: string): string {
  return text
    .split(/\n(?= {4})/)
    .map((line) => printable(line, LONGEST))
    .join('\n');
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
