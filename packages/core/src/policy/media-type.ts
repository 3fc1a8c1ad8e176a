/** Reads media types, and tells which names mean the same type. */
import { parseParameters } from './parameters.ts';

/** A media type as a `Content-Type` field declares it. */
export interface DeclaredType {
  /** `text/html`, in lower case and without parameters. */
  readonly mediaType: string;
  /** In lower case. `undefined`: not declared. */
  readonly charset: string | undefined;
}

const essence = /^[ \t]*([!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+)[ \t]*(?:;|$)/;

/**
 * Reads a `Content-Type` (RFC 9110, 8.3.1). Parameters other than `charset` are passed over.
 *
 * @returns `undefined` when it does not follow the grammar, or declares two charsets.
 */
export function parseMediaType(text: string): DeclaredType | undefined {
  const match = essence.exec(text);
  if (match === null) return undefined;
  const parameters = parseParameters(text.slice(match[0].length), ';');
  if (parameters === undefined) return undefined;
  const charsets = parameters.filter(({ name }) => name === 'charset');
  if (charsets.length > 1) return undefined;
  const charset = charsets.length === 0 ? undefined : (charsets[0]!.value ?? '');
  return { mediaType: match[1]!.toLowerCase(), charset: charset?.toLowerCase() };
}

/** Other names of a type, as far as a registration or an RFC says that they mean the same. The first one is the name in use. */
const synonyms: readonly (readonly string[])[] = [
  // RFC 9239, 6
  [
    'text/javascript',
    'application/javascript',
    'application/x-javascript',
    'text/x-javascript',
    'application/ecmascript',
    'application/x-ecmascript',
    'text/ecmascript',
    'text/x-ecmascript',
  ],
  // RFC 7303, 9.2
  ['application/xml', 'text/xml'],
  // RFC 9512, 2.1
  ['application/yaml', 'text/yaml', 'application/x-yaml', 'text/x-yaml'],
  // RFC 8081, 4.4.5
  ['font/woff', 'application/font-woff'],
  // The IANA registration of image/vnd.microsoft.icon names the other one
  ['image/vnd.microsoft.icon', 'image/x-icon'],
];

const groupOf = new Map(synonyms.flatMap((group) => group.map((name) => [name, group] as const)));

/** All names that mean a type, the type itself among them. */
export function namesOf(mediaType: string): readonly string[] {
  return groupOf.get(mediaType) ?? [mediaType];
}

/** Whether two media types, in lower case, mean the same. */
export function sameType(a: string, b: string): boolean {
  return a === b || namesOf(a).includes(b);
}

const textualTypes = new Set([
  ...synonyms.slice(0, 3).flat(),
  'application/graphql',
  'application/json',
  'application/json5',
  'application/jsonl',
  'application/node',
  'application/sql',
  'application/toml',
  'application/x-ndjson',
  'application/xml-dtd',
]);

/** Whether a body of this type is text, so that it has a charset. */
export function isTextual(mediaType: string): boolean {
  return (
    mediaType.startsWith('text/') ||
    mediaType.endsWith('+json') ||
    mediaType.endsWith('+xml') ||
    mediaType.endsWith('+yaml') ||
    textualTypes.has(mediaType)
  );
}
