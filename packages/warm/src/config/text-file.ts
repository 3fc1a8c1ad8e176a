/** Files that settings name: secrets, cookies, certificates. No message repeats what is in them. */
import { readFileSync } from 'node:fs';
import { systemCause, WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';

/** A line of a file, with its number from 1. */
export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

/** Lines that say something; `#` begins a comment, but `#HttpOnly_` a cookie. */
export function linesOf(what: string, file: string): NumberedLine[] {
  const lines = textOf(what, file).split(/\r?\n/);
  return lines
    .map((text, at) => ({ number: at + 1, text }))
    .filter(({ text }) => text.trim() !== '' && (!text.startsWith('#') || text.startsWith('#HttpOnly_')));
}

/** @throws {WarmError} `ERR_PAGETREE_OPTION` when the file cannot be read. */
export function textOf(what: string, file: string): string {
  try {
    // Some editors begin a file with a byte order mark, which is no part of a password.
    return readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    throw wrong(
      `The ${what} ${printable(file)} cannot be read: ${systemCause(error)}.`,
      'Name a file that this user may read.',
    );
  }
}

/** The error of a setting that cannot be used. */
export function wrong(message: string, hint: string): WarmError {
  return new WarmError(
    'ERR_PAGETREE_OPTION',
    message.replace(/^./, (first) => first.toUpperCase()),
    { hint },
  );
}
