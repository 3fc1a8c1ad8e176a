/** Settings about the run: how polite it is, what it asks for, and what it must reach. */
import { parseAge } from '../tree/age.ts';
import { file, plain, type Read, type Setting, word, written } from './setting.ts';
import { readTolerance } from './tolerance.ts';
import { byteSize, numberFrom, seconds, share, wholeNumber } from './values.ts';

const whole =
  (least: number, most: number): Read =>
  (label, value) =>
    wholeNumber(label, value, least, most);

export const runTable = {
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
      'How often a page is asked for once more after 408, 425, 429, 500, 502, 503, 504, a lost connection or a timeout, 0 to 20. Default 2. Retry-After is kept to, up to 120 s; a page that asks for more has failed.',
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
    summary:
      'Ask for pages that changed, as their sitemap says, after the version in the tree was asked for. A date counts as the last moment that it can mean. A page that turns out to be the same is not stored again, so that each run asks for it.',
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
    summary:
      'With --prune and --publish: remove nothing, and do not switch, when more of the tree than this would go. Default 10%.',
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
      'End with 3 when more URLs than this were not stored: a number, or a share of all (1%). Default 0. A source that cannot be read is never allowed: it may name any number of pages.',
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
} as const satisfies Record<string, Setting>;
