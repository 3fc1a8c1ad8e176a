import { wrongValue } from '../config/values.ts';

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/**
 * A length of time on the command line: `90s`, `15m`, `12h`, `7d`, `2w`. In seconds.
 *
 * @throws {WarmError} for anything else; a bare number could be seconds or days.
 */
export function parseAge(label: string, text: string): number {
  const parts = /^(\d{1,9})([smhdw])$/.exec(text);
  if (parts === null) throw wrongValue(label, 'a time such as 90s, 15m, 12h, 7d or 2w', text);
  return Number(parts[1]) * units[parts[2]!]!;
}

/** How long ago something was, in one word. @example ageText(7_300_000) === '2h' */
export function ageText(milliseconds: number): string {
  // Clocks of other machines may be ahead.
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < MINUTE) return `${seconds}s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)}m`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}h`;
  return `${Math.floor(seconds / DAY)}d`;
}

/** A time for people and programs: `2026-11-22T19:37:21Z`. Not every number of a file system is a date. */
export function timeText(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? 'no date' : date.toISOString().replace(/\.\d+Z$/, 'Z');
}
