/**
 * Looks at the requests and responses of `@hono/node-server` without touching them. Its `Response` keeps what it was made of until
 * somebody asks for more than the status; a real response that is made then is sent in another way: a string without its
 * length, and a response without a type with one. Where nothing is found, they are ordinary ones.
 */
import type { IncomingMessage } from 'node:http';
import type { HeaderMap } from '@pagetree/core';

/** What a response was made of. */
export interface LightParts {
  readonly body: unknown;
  /** As the application gave them. */
  readonly headers: unknown;
}

/** The parts of a response that nobody has asked yet. */
export function lightParts(response: Response): LightParts | undefined {
  const key = Object.getOwnPropertySymbols(response).find((symbol) => symbol.description === 'cache');
  const parts = key && (response as unknown as Record<symbol, unknown>)[key];
  return Array.isArray(parts) && parts.length === 3 ? { body: parts[1], headers: parts[2] } : undefined;
}

/** The fields of a response that the server sends without `Content-Type`, as long as nobody asks for its headers. */
export function untypedFields({ headers }: LightParts): Record<string, string> | undefined {
  if (typeof headers !== 'object' || headers === null || Symbol.iterator in headers) return undefined;
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) fields[name.toLowerCase()] = String(value);
  return 'content-type' in fields ? undefined : fields;
}

const probe = 'pagetree-probe';

/**
 * The fields that Node has parsed, when those of a request are the same: its `Headers` look into them until somebody
 * lists or changes something. To list them takes longer than the rest of a hit.
 */
export function parsedFields(headers: Headers, incoming: IncomingMessage): HeaderMap | undefined {
  const parsed = incoming.headers;
  // Node takes the first of two lines where the application sees both.
  if (Object.keys(parsed).length * 2 !== incoming.rawHeaders.length || probe in parsed) return undefined;
  parsed[probe] = 'yes';
  try {
    return headers.get(probe) === null ? undefined : parsed;
  } finally {
    delete parsed[probe];
  }
}
