/**
 * Looks at the responses of `@hono/node-server` without touching them. Its `Response` keeps what it was made of until
 * somebody asks for more than the status; a real response that is made then is sent in another way: a string without its
 * length, and a response without a type with one. Where nothing is found, a response is an ordinary one.
 */

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
