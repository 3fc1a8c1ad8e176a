/** Settings about the site: what it is called, how it is started, and how connections to it are made. */
import { parseOrigin } from '../plan/origin.ts';
import { file, plain, type Setting, word } from './setting.ts';
import { hostName, seconds, wholeNumber } from './values.ts';

export const siteTable = {
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
  exec: {
    kind: 'text',
    group: 'application',
    value: 'COMMAND',
    summary:
      'Start the application with this command, wait until it answers, and end it afterwards: "npm start". Its port is in PORT; PAGETREE_PASSWORD and PAGETREE_HEADER are not handed to it.',
    read: word,
  },
  'exec-count': {
    kind: 'text',
    group: 'application',
    value: 'N',
    summary: 'Start so many of them, each with a port of its own, 1 to 64. Default 1.',
    read: (label, value) => wholeNumber(label, value, 1, 64),
  },
  'exec-timeout': {
    kind: 'text',
    group: 'application',
    value: 'SECONDS',
    summary: 'How long the application may take to answer. Default 60.',
    read: seconds,
  },
  app: {
    ...file,
    group: 'application',
    summary:
      'A module whose default export is the application: a request listener or a fetch handler, for example. It is asked in this process, without a socket.',
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
    summary:
      'A file with cookies: name=value a line, for every request, or the Netscape format of curl and browsers, whose domain, path, https and end are kept to.',
  },
  cert: {
    ...file,
    group: 'connection',
    summary: 'A file with a certificate of our own, in PEM; with --key.',
  },
  insecure: {
    ...plain,
    group: 'connection',
    summary: 'Take any certificate. Whoever is in between can then write into the tree.',
  },
  ca: { ...file, group: 'connection', summary: 'A file with the certificates that are trusted, in PEM.' },
  key: { ...file, group: 'connection', summary: 'The file of the key of --cert, in PEM.' },
} as const satisfies Record<string, Setting>;
