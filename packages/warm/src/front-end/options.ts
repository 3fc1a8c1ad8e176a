/** The options of `pagetree config` that are no names of rules, judged. Pure. */
import { wrongValue } from '../config/values.ts';
import type { Upstream } from './model.ts';

/** Where an application listens that did not say so. */
const USUAL: Upstream = { kind: 'tcp', host: '127.0.0.1', port: 3000 };

const port = (text: string): number | undefined => {
  const number = Number(text);
  return /^\d{1,5}$/.test(text) && number >= 1 && number <= 65_535 ? number : undefined;
};

/**
 * `http://host:port` or `unix:/path`.
 *
 * @throws {WarmError} for anything else: a path or credentials in it would be lost, and TLS needs settings of its own.
 */
export function parseUpstream(value: string | undefined): Upstream {
  if (value === undefined) return USUAL;
  const unix = /^unix:(\/[\w./@+-]+)$/.exec(value)?.[1];
  if (unix !== undefined) return { kind: 'unix', path: unix };
  const [, host, given] = /^http:\/\/([\w.-]+|\[[\da-f:.]+\])(?::(\d+))?\/?$/i.exec(value) ?? [];
  const number = given === undefined ? 80 : port(given);
  if (host !== undefined && number !== undefined) return { kind: 'tcp', host, port: number };
  throw wrongValue('--upstream', 'http://host:port or unix:/path', value);
}

/** An address to listen on: a port, or an IP address and a port. @throws {WarmError} for anything else. */
export function parseListen(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const [, given] = /^(?:(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]+\]):)?(\d+)$/i.exec(value) ?? [];
  if (given !== undefined && port(given) !== undefined) return value;
  throw wrongValue('--listen', 'a port, or an IP address and a port (80, 127.0.0.1:8080)', value);
}

/** A name of the site, without a port. @throws {WarmError} for anything else. */
export function parseServerName(value: string): string {
  if (/^(?:[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?)$/i.test(value)) return value;
  throw wrongValue('--server-name', 'a host name without a port (example.org)', value);
}
