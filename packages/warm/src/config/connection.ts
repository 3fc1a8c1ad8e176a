/** What connections and requests are made with, read from the settings and the files that they name. */
import { readFileSync } from 'node:fs';
import { systemCause, WarmError } from '../errors.ts';
import type { ConnectOptions } from '../fetch/client.ts';
import { printable } from '../report/printable.ts';
import type { WarmSettings } from './settings.ts';

/** How the site is reached. */
export interface Connection {
  /** Header fields of every request, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly connect: ConnectOptions;
}

const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Fields that the warmer makes itself, or that would make another request of it. */
const taken: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'keep-alive', 'te', 'trailer'],
  ...['expect', 'range', 'accept-encoding', 'pagetree-token', 'proxy-authorization', 'proxy-connection'],
  ...['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range'],
]);

/**
 * Reads everything that says how the site is asked. No message repeats a value: it may be a secret.
 *
 * @throws {WarmError} `ERR_PAGETREE_OPTION` for a file that cannot be read and a field that is none.
 */
export function readConnection(
  settings: WarmSettings,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Connection {
  const {
    header = [],
    headerFile,
    user,
    passwordFile,
    cookieFile,
    socket,
    ca,
    cert,
    key,
    insecure,
  } = settings;
  const lines = headerFile === undefined ? [] : linesOf('header file', headerFile);
  const headers: Record<string, string> = {};
  for (const [at, line] of [...header, ...lines].entries()) {
    const [name, value] = readField(
      line,
      at < header.length ? `header ${at + 1}` : 'a line of the header file',
    );
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  if (user !== undefined) headers.authorization = basic(user, passwordOf(passwordFile, env));
  else if (passwordFile !== undefined)
    throw wrong('A password file is named, but no user.', 'Add the name with user.');
  if (cookieFile !== undefined) headers.cookie = readCookies(cookieFile);
  if ((cert === undefined) !== (key === undefined)) {
    throw wrong(
      'A certificate and its key are needed together: one of cert and key is missing.',
      'Name both files.',
    );
  }
  return {
    headers,
    connect: {
      ...(socket === undefined ? {} : { socketPath: socket }),
      ...(ca === undefined ? {} : { ca: textOf('certificate file', ca) }),
      ...(cert === undefined ? {} : { cert: textOf('certificate file', cert) }),
      ...(key === undefined ? {} : { key: textOf('key file', key) }),
      ...(insecure === true ? { rejectUnauthorized: false } : {}),
    },
  };
}

function readField(line: string, what: string): [string, string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0)).trim();
  const value = line.slice(colon + 1).trim();
  if (colon < 1 || !fieldName.test(name) || !fieldValue.test(value)) {
    throw wrong(`${what} is no header field.`, "Write a name, a colon and a value: 'X-Preview: 1'.");
  }
  if (taken.has(name.toLowerCase())) {
    throw wrong(
      `The header field ${name} cannot be set: cache-warm makes it itself.`,
      'Leave it out; for Host there is host.',
    );
  }
  return [name.toLowerCase(), value];
}

function passwordOf(file: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  if (file !== undefined) return textOf('password file', file).split(/\r?\n/, 1)[0]!;
  const password = env.PAGETREE_PASSWORD;
  if (password !== undefined) return password;
  throw wrong(
    'A user is named, but no password.',
    'Set PAGETREE_PASSWORD, or name a file with it as the password file.',
  );
}

/** RFC 7617, 2 */
function basic(user: string, password: string): string {
  if (user.includes(':'))
    throw wrong('The name of the user has a colon in it.', 'Basic authentication cannot send one.');
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** Cookies of a file: `name=value` a line, or seven columns with tabs between them, as curl and browsers write. */
function readCookies(file: string): string {
  const pairs = linesOf('cookie file', file).map((line) => {
    const columns = line.replace(/^#HttpOnly_/, '').split('\t');
    const pair = columns.length === 7 ? `${columns[5]}=${columns[6]}` : line.trim();
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+=[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e"]*$/.test(pair)) {
      throw wrong(`A line of the cookie file ${printable(file)} is no cookie.`, 'Write name=value a line.');
    }
    return pair;
  });
  return pairs.join('; ');
}

/** Lines that say something; `#` begins a comment, but `#HttpOnly_` a cookie. */
function linesOf(what: string, file: string): string[] {
  const lines = textOf(what, file).split(/\r?\n/);
  return lines.filter(
    (line) => line.trim() !== '' && (!line.startsWith('#') || line.startsWith('#HttpOnly_')),
  );
}

function textOf(what: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw wrong(
      `The ${what} ${printable(file)} cannot be read: ${systemCause(error)}.`,
      'Name a file that this user may read.',
    );
  }
}

function wrong(message: string, hint: string): WarmError {
  return new WarmError(
    'ERR_PAGETREE_OPTION',
    message.replace(/^./, (first) => first.toUpperCase()),
    { hint },
  );
}
