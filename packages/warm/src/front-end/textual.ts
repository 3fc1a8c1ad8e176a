/** Types as the middleware sends them. `@pagetree/core` has these rules too and keeps them to itself; a test holds both together. */

const textual = new Set([
  ...['text/javascript', 'application/javascript', 'application/x-javascript', 'application/ecmascript'],
  ...['application/x-ecmascript', 'application/xml', 'application/yaml', 'application/x-yaml'],
  ...['application/graphql', 'application/json', 'application/json5', 'application/jsonl'],
  ...['application/node', 'application/sql', 'application/toml', 'application/x-ndjson'],
  'application/xml-dtd',
]);

/** The `Content-Type` that is sent for a media type: text is UTF-8. Parameters that somebody wrote behind it do not count, as in core. */
export function typeAsSent(type: string): string {
  const mediaType = type.replace(/;.*$/s, '').trim().toLowerCase();
  const isText = /^text\/|\+(?:json|xml|yaml)$/.test(mediaType) || textual.has(mediaType);
  return isText ? `${mediaType}; charset=utf-8` : mediaType;
}
