/** Every setting of `cache-warm` in one table: the flags, the environment and the configuration file are made from it. */
import { parseOrigin } from '../plan/origin.ts';
import { parseAge } from '../tree/age.ts';
import type { WarmSettings } from './settings.ts';
import { byteSize, hostName, numberFrom, seconds, share, wholeNumber, wrongValue } from './values.ts';

/** One setting. `read` takes what a person wrote, checks it, and answers what `warm` takes. */
export interface Setting {
  readonly kind: 'switch' | 'text' | 'texts';
  readonly group?: 'polite' | 'fresh' | 'honest' | 'connection';
  readonly char?: 'c';
  readonly value?: string;
  readonly summary: string;
  readonly read: (label: string, value: string | number) => unknown;
}

const word = (label: string, value: string | number): string => {
  if (typeof value === 'string' && value !== '') return value;
  throw wrongValue(label, 'text', value);
};
const written =
  (check: (label: string, text: string) => unknown) => (label: string, value: string | number) => {
    check(label, String(value));
    return String(value);
  };
const whole = (least: number, most: number) => (label: string, value: string | number) =>
  wholeNumber(label, value, least, most);
const file = { kind: 'text', value: 'FILE', read: word } as const;
const plain = { kind: 'switch', read: word } as const;

/** By the name of the flag; the key in the configuration file is the same name in camel case. */
export const warmTable = {
  origin: {
    kind: 'text',
    value: 'URL',
    summary: 'The site: scheme, host and port, such as http://127.0.0.1:3000.',
    read: (label, value) => parseOrigin(label, String(value)).href,
  },
  host: {
    kind: 'text',
    value: 'NAME',
    summary: 'Another name of the site, for the Host header; URLs with it mean the site.',
    read: (label, value) => hostName(label, String(value)),
  },

  concurrency: {
    kind: 'text',
    group: 'polite',
    char: 'c',
    value: 'N',
    summary:
      'The most requests at once, 1 to 512. It begins with 4 and goes up while that brings more pages, down when the site slows or fails. Default 32.',
    read: whole(1, 512),
  },
  rate: {
    kind: 'text',
    group: 'polite',
    value: 'N',
    summary: 'The most requests a second, 0.01 to 100000. Default no limit.',
    read: (label, value) => numberFrom(label, value, 0.01, 100_000),
  },
  delay: {
    kind: 'text',
    group: 'polite',
    value: 'SECONDS',
    summary: 'How long a connection rests after each response, 0 to 3600. Default 0.',
    read: (label, value) => numberFrom(label, value, 0, 3600),
  },
  timeout: {
    kind: 'text',
    group: 'polite',
    value: 'SECONDS',
    summary: 'How long one whole response may take. Default 30.',
    read: seconds,
  },
  'connect-timeout': {
    kind: 'text',
    group: 'polite',
    value: 'SECONDS',
    summary: 'How long a connection may take. Default 10.',
    read: seconds,
  },
  'first-byte-timeout': {
    kind: 'text',
    group: 'polite',
    value: 'SECONDS',
    summary: 'How long the head of a response may take. Default as --timeout.',
    read: seconds,
  },
  retries: {
    kind: 'text',
    group: 'polite',
    value: 'N',
    summary:
      'How often a page is asked for once more after 408, 425, 429, 500, 502, 503, 504, a lost connection or a timeout, 0 to 20. Default 2.',
    read: whole(0, 20),
  },

  refresh: {
    ...plain,
    group: 'fresh',
    summary: 'Ask for pages that are stored already as well. One that did not change is not touched.',
  },
  'older-than': {
    kind: 'text',
    group: 'fresh',
    value: 'AGE',
    summary: 'Ask for pages that were stored longer ago: 90s, 15m, 12h, 7d, 2w.',
    read: written(parseAge),
  },
  lastmod: {
    ...plain,
    group: 'fresh',
    summary: 'Ask for pages that changed, as their sitemap says, after they were stored.',
  },
  prune: {
    ...plain,
    group: 'fresh',
    summary: 'Remove the pages that no source names any more, when all sources were read.',
  },
  'max-shrink': {
    kind: 'text',
    group: 'fresh',
    value: 'SHARE',
    summary: 'With --prune: remove nothing when more of the tree than this would go. Default 10%.',
    read: written(share),
  },
  follow: {
    ...plain,
    group: 'fresh',
    summary: 'Store the page that a redirect points to, at its own place, if it is on the site.',
  },
  journal: {
    ...file,
    group: 'fresh',
    summary:
      'Where the run notes what it has done, to go on after an interruption. Default in .pagetree/journal/.',
  },
  restart: {
    ...plain,
    group: 'fresh',
    summary: 'Begin anew, though an interrupted run of the same command could be gone on with.',
  },

  'must-contain': {
    kind: 'texts',
    group: 'honest',
    value: 'TEXT',
    summary: 'Store no HTML page without this text. May be given several times: every one must be there.',
    read: word,
  },
  'must-not-contain': {
    kind: 'texts',
    group: 'honest',
    value: 'TEXT',
    summary: 'Store no HTML page with this text. May be given several times.',
    read: word,
  },
  'min-size': {
    kind: 'text',
    group: 'honest',
    value: 'BYTES',
    summary: 'Store no page that is smaller: 512, 2k.',
    read: written(byteSize),
  },
  'fail-on': {
    kind: 'text',
    group: 'honest',
    value: 'HOW-MANY',
    summary:
      'End with 3 when more URLs than this were not stored: a number, or a share of all (1%). Default 0.',
    read: written(readTolerance),
  },
  'min-pages': {
    kind: 'text',
    group: 'honest',
    value: 'N',
    summary: 'End with 3 when fewer pages than this are in the tree in the end.',
    read: whole(0, 2 ** 40),
  },
  'max-time': {
    kind: 'text',
    group: 'honest',
    value: 'TIME',
    summary: 'End with 6 after this time, 90s or 50m; the same command then goes on.',
    read: written(parseAge),
  },

  socket: {
    kind: 'text',
    group: 'connection',
    value: 'FILE',
    summary: 'The Unix socket that the site listens on.',
    read: word,
  },
  header: {
    kind: 'texts',
    group: 'connection',
    value: 'FIELD',
    summary: "A header field of every request: 'X-Preview: 1'. May be given several times.",
    read: word,
  },
  'header-file': {
    ...file,
    group: 'connection',
    summary: 'A file with such fields, one a line, for secrets.',
  },
  user: {
    kind: 'text',
    group: 'connection',
    value: 'NAME',
    summary: 'The name for basic authentication. The password is in PAGETREE_PASSWORD or in --password-file.',
    read: word,
  },
  'password-file': {
    ...file,
    group: 'connection',
    summary: 'A file whose first line is the password of --user.',
  },
  'cookie-file': {
    ...file,
    group: 'connection',
    summary: 'A file with cookies: name=value a line, or in the Netscape format of curl.',
  },
  ca: { ...file, group: 'connection', summary: 'A file with the certificates that are trusted, in PEM.' },
  cert: {
    ...file,
    group: 'connection',
    summary: 'A file with a certificate of our own, in PEM; with --key.',
  },
  key: { ...file, group: 'connection', summary: 'The file of its key, in PEM.' },
  insecure: {
    ...plain,
    group: 'connection',
    summary: 'Take any certificate. Whoever is in between can then write into the tree.',
  },
} as const satisfies Record<string, Setting>;

/** The name of a setting on the command line. */
export type WarmFlag = keyof typeof warmTable;

/** `first-byte-timeout` is `firstByteTimeout` in the configuration file. */
export function keyOf(flag: string): string {
  return flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

type Camel<T extends string> = T extends `${infer Head}-${infer Rest}`
  ? `${Head}${Capitalize<Camel<Rest>>}`
  : T;
/** Holds the table to the settings: a setting that is missing here, or one too many, does not compile. */
type Complete = [Camel<WarmFlag>] extends [keyof WarmSettings]
  ? [keyof WarmSettings] extends [Camel<WarmFlag>]
    ? true
    : never
  : never;
export const isComplete: Complete = true;

/** How many URLs may be not stored. */
export interface Tolerance {
  readonly most: number;
  /** `most` is a share of all URLs, from 0 to 1. */
  readonly ofAll: boolean;
}

/** Reads `5` or `1%`. @throws {WarmError} for anything else. */
export function readTolerance(label: string, text: string): Tolerance {
  if (text.endsWith('%')) return { most: share(label, text), ofAll: true };
  if (/^\d{1,12}$/.test(text)) return { most: Number(text), ofAll: false };
  throw wrongValue(label, 'a number of URLs or a share of all (5, 1%)', text);
}
