/** What connections and requests are made with, read from the settings and the files that they name. */
import type { ConnectOptions } from '../fetch/client.ts';
import type { Cookie } from '../fetch/cookies.ts';
import { printable } from '../report/printable.ts';
import { readCookies } from './cookie-file.ts';
import { Problems } from './problems.ts';
import type { WarmSettings } from './settings.ts';
import { linesOf, textOf, wrong } from './text-file.ts';

/** How the site is reached. */
export interface Connection {
  /** Header fields of every request, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Each goes only with requests that it is for. */
  readonly cookies: readonly Cookie[];
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
 * @param partial Not all settings are known: nothing is said of what is missing.
 * @throws {WarmError} `ERR_PAGETREE_OPTION` names every file that cannot be read and every field that is none.
 */
export function readConnection(
  settings: WarmSettings,
  env: Readonly<Record<string, string | undefined>> = process.env,
  partial = false,
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
  const problems = new Problems();
  const read = <T>(one: () => T): T | undefined => problems.gather(one);
  const headers: Record<string, string> = {};
  const add = (what: string, line: string) => {
    const [name, value] = readField(line, what);
    // Of all fields only cookies are put together by a semicolon (RFC 9113, 8.2.3).
    const between = name === 'cookie' ? '; ' : ', ';
    headers[name] = headers[name] === undefined ? value : `${headers[name]}${between}${value}`;
  };
  for (const [at, line] of header.entries()) read(() => add(`header ${at + 1}`, line));
  const lines = headerFile === undefined ? [] : (read(() => linesOf('header file', headerFile)) ?? []);
  for (const { number, text } of lines) read(() => add(`line ${number} of the header file`, text));
  read(() => {
    if (partial) return;
    if (user !== undefined) headers.authorization = basic(user, () => passwordOf(passwordFile, env));
    else if (passwordFile !== undefined)
      throw wrong('A password file is named, but no user.', 'Add the name with user.');
  });
  const cookies = cookieFile === undefined ? [] : (read(() => readCookies(cookieFile)) ?? []);
  read(() => {
    if (partial || (cert === undefined) === (key === undefined)) return;
    throw wrong(
      'A certificate and its key are needed together: one of cert and key is missing.',
      'Name both files.',
    );
  });
  const pem = (name: 'ca' | 'cert' | 'key', what: string, file: string | undefined) =>
    file === undefined ? {} : { [name]: read(() => textOf(what, file)) };
  const connect: ConnectOptions = {
    ...(socket === undefined ? {} : { socketPath: socket }),
    ...pem('ca', 'certificate file', ca),
    ...pem('cert', 'certificate file', cert),
    ...pem('key', 'key file', key),
    ...(insecure === true ? { rejectUnauthorized: false } : {}),
  };
  problems.throwIfAny();
  return { headers, cookies, connect };
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
  if (file !== undefined) {
    const [password = ''] = textOf('password file', file).split(/\r?\n/, 1);
    if (password !== '') return password;
    const hint =
      'Write the password into its first line. One that is empty can be said by PAGETREE_PASSWORD.';
    throw wrong(`The password file ${printable(file)} has no password in its first line.`, hint);
  }
  const password = env.PAGETREE_PASSWORD;
  if (password !== undefined) return password;
  throw wrong(
    'A user is named, but no password.',
    'Set PAGETREE_PASSWORD, or name a file with it as the password file.',
  );
}

/** RFC 7617, 2 */
function basic(user: string, password: () => string): string {
  if (user.includes(':'))
    throw wrong('The name of the user has a colon in it.', 'Basic authentication cannot send one.');
  return `Basic ${Buffer.from(`${user}:${password()}`).toString('base64')}`;
}
