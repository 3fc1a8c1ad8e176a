import { WarmError } from '../errors.ts';
import { printable } from '../report/printable.ts';

/** Checks of single values. `label` is the option as its reader knows it: `--timeout`, `timeout`. */

/** @throws {WarmError} unless it is a whole number in the range. */
export function wholeNumber(label: string, value: string | number, least: number, most: number): number {
  const number = toNumber(value);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw wrongValue(label, `a whole number from ${least} to ${most}`, value);
  }
  return number;
}

/** @throws {WarmError} unless it is a time between a tenth of a second and an hour. */
export function seconds(label: string, value: string | number): number {
  const number = toNumber(value);
  if (!(number >= 0.1 && number <= 3600)) {
    throw wrongValue(label, 'a number of seconds from 0.1 to 3600', value);
  }
  return number;
}

const sizes: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `4096`, `512k`, `16M`, `1G`. @throws {WarmError} for anything else. */
export function byteSize(label: string, value: string): number {
  const parts = /^(\d{1,12})([kmg]?)$/i.exec(value);
  const size = parts === null ? 0 : Number(parts[1]) * sizes[parts[2]!.toLowerCase()]!;
  if (size === 0 || !Number.isSafeInteger(size)) {
    throw wrongValue(label, 'a number of bytes, such as 65536, 512k or 16M', value);
  }
  return size;
}

/** A number in a range. @throws {WarmError} for anything else. */
export function numberFrom(label: string, value: string | number, least: number, most: number): number {
  const number = toNumber(value);
  if (number >= least && number <= most) return number;
  throw wrongValue(label, `a number from ${least} to ${most}`, value);
}

/** A share, from 0 to 1: `10%`. @throws {WarmError} for anything else. */
export function share(label: string, value: string): number {
  const parts = /^(\d{1,3}(?:\.\d+)?)%$/.exec(value);
  const part = Number(parts?.[1]) / 100;
  if (part >= 0 && part <= 1) return part;
  throw wrongValue(label, 'a share from 0% to 100%', value);
}

/** The name for the Host header. @throws {WarmError} unless it is a host with, or without, a port. */
export function hostName(label: string, value: string): string {
  if (!/^([a-z0-9._-]{1,253}|\[[0-9a-f:.]+\])(:\d{1,5})?$/i.test(value)) {
    throw wrongValue(label, 'a host name, with or without a port (example.org)', value);
  }
  return value;
}

/** The error that every wrong value ends in: the option, what was expected, what came. */
export function wrongValue(label: string, expected: string, came: string | number): WarmError {
  const said = came === '' ? 'it is empty' : `it is "${printable(String(came), 80)}"`;
  return new WarmError('ERR_PAGETREE_OPTION', `${label} must be ${expected}; ${said}.`, {
    hint: `Correct ${label}, or leave it out to use the default.`,
  });
}

function toNumber(value: string | number): number {
  if (typeof value === 'number') return value;
  // Number('') is 0 and Number('0x10') is 16: nobody means that.
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
}
