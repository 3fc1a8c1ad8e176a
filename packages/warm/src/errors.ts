/**
 * Every mistake a person can make with the commands, in one table of the same shape as core's: the
 * docs are generated from both. What becomes of a single URL is a result with a reason, not an error.
 */
export const errorTable = {
  ERR_PAGETREE_USAGE: {
    title: 'The command line cannot be understood.',
    fix: 'Add `--help` to the command to see what it takes.',
  },
  ERR_PAGETREE_OPTION: {
    title: 'An option has a value that cannot be used.',
    fix: 'The message names the option, what was expected and what came. Correct that value.',
  },
  ERR_PAGETREE_LIST: {
    title: 'A list of URLs cannot be used.',
    fix: 'Name a text file with one path or URL a line, or `-` for standard input.',
  },
  ERR_PAGETREE_ORIGIN: {
    title: 'The origin does not answer.',
    fix: 'Start the application, or name the address it listens on with `--origin`.',
  },
  ERR_PAGETREE_EXEC: {
    title: 'The application that `--exec` or `--app` names did not start.',
    fix: 'Start it by hand, and look at what it says.',
  },
  ERR_PAGETREE_MAX_TIME: {
    title: 'The time of the run was over before it was known what to fetch.',
    fix: 'Raise `--max-time`, or look why the list, the site or the application takes so long.',
  },
  ERR_PAGETREE_PUBLISH: {
    title: 'The tree cannot be published, or not be rolled back.',
    fix: 'The message says what is in the way. The live tree was not touched.',
  },
  ERR_PAGETREE_REPORT: {
    title: 'The report cannot be written.',
    fix: 'Name a file in a folder that exists and that this user may write to.',
  },
} as const;

/** The codes of `WarmError`. */
export type WarmErrorCode = keyof typeof errorTable;

/**
 * A mistake that a person can mend, like core's `PagetreeError`: `message` is one sentence, `hint`
 * says what to do.
 */
export class WarmError extends Error {
  override readonly name = 'WarmError';
  readonly code: WarmErrorCode;
  readonly hint: string;

  constructor(code: WarmErrorCode, message: string, details: { hint?: string; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? errorTable[code].fix;
  }
}

/** What the operating system said, in words where there are better ones than Node's. */
export function systemCause(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not do that';
    case 'EISDIR':
      return 'it is a folder';
    case 'ENOTDIR':
      return 'a part of its path is a file, not a folder';
    case 'ENOSPC':
      return 'the disk is full';
    case 'EROFS':
      return 'the file system is read-only';
    default:
      return message ?? String(error);
  }
}
