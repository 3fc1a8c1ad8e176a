/** The type of a place: from its key and its name alone, so that every server says the same. */
import { PagetreeError } from '../errors.ts';
import { extensionOf, extensionTypes } from './extension-types.ts';
import { isTextual, parseMediaType, sameType } from './media-type.ts';
import { byPrefix, longestFirst, type PrefixRule } from './prefixes.ts';

/** The type of a place. */
export interface PlaceType {
  /** `text/html`, in lower case and without parameters. */
  readonly mediaType: string;
  /** The `Content-Type` that is sent: with `; charset=utf-8` where the type is text. */
  readonly full: string;
  /** The type is text: it has a charset. */
  readonly textual: boolean;
}

/** The options that decide about types, as a person wrote them. */
export interface TypeOptions {
  readonly contentType?: string | undefined;
  readonly types?: Readonly<Record<string, string>> | undefined;
}

/** Everything that decides about types in one tree, resolved. */
export interface TypeRules {
  /** By path prefix, the longest first. They win over any extension. */
  readonly prefixes: readonly PrefixRule<PlaceType>[];
  /** By extension, lower case and without the dot: the table and the tree's own rules. */
  readonly extensions: ReadonlyMap<string, PlaceType>;
  /** For names without an extension, and with an unknown one. */
  readonly fallback: PlaceType;
}

/** The type as it is sent. */
export function placeType(mediaType: string): PlaceType {
  const textual = isTextual(mediaType);
  return { mediaType, textual, full: textual ? `${mediaType}; charset=utf-8` : mediaType };
}

const tableTypes: ReadonlyMap<string, PlaceType> = new Map(
  [...extensionTypes].map(([extension, mediaType]) => [extension, placeType(mediaType)]),
);

/**
 * Resolves `contentType` and `types` once.
 *
 * @throws PagetreeError `ERR_PAGETREE_OPTION` when a type or the name of a rule cannot be used.
 */
export function compileTypes(options: TypeOptions): TypeRules {
  const prefixes: PrefixRule<PlaceType>[] = [];
  const extensions = new Map(tableTypes);
  for (const [name, value] of Object.entries(options.types ?? {})) {
    const type = typeFrom(`types[${JSON.stringify(name)}]`, value);
    if (name.startsWith('/')) prefixes.push([name, type]);
    else if (oneExtension.test(name)) extensions.set(name.slice(1).toLowerCase(), type);
    else {
      throw new PagetreeError(
        'ERR_PAGETREE_OPTION',
        `The option types has the name ${JSON.stringify(name)}; expected a path prefix ("/feed") or one extension (".webfont").`,
      );
    }
  }
  const fallback = typeFrom('contentType', options.contentType ?? 'text/html');
  return { prefixes: longestFirst(prefixes), extensions, fallback };
}

// One dot: servers look at what follows the last one. No more letters than need no quoting in any server's configuration.
const oneExtension = /^\.[\w+-]+$/;

function typeFrom(option: string, value: unknown): PlaceType {
  const declared = typeof value === 'string' ? parseMediaType(value) : undefined;
  if (declared !== undefined && isUtf8Name(declared.charset)) return placeType(declared.mediaType);
  throw new PagetreeError(
    'ERR_PAGETREE_OPTION',
    `The option ${option} is ${JSON.stringify(value)}; expected a media type in UTF-8 such as "text/html".`,
  );
}

/**
 * The type of a place: the longest prefix rule that covers its key, else what the extension of its file says,
 * else `contentType`. The name of an index page counts like any other, since that is what a web server
 * looks at: `foo/__index.html` is `text/html` unless a prefix rule says otherwise.
 */
export function contentTypeFor(key: string, placePath: string, rules: TypeRules): PlaceType {
  const type = rules.prefixes.length === 0 ? undefined : byPrefix(rules.prefixes, key);
  return type ?? rules.extensions.get(extensionOf(placePath)) ?? rules.fallback;
}

/** What a `Content-Type` says beside the type of the place. */
export type TypeVerdict =
  /** They agree. `validateUtf8`: only if the bytes are UTF-8. */
  | { readonly kind: 'same'; readonly validateUtf8: boolean }
  | { readonly kind: 'refused'; readonly reason: 'type-mismatch' | 'charset' };

const declaredUtf8: TypeVerdict = { kind: 'same', validateUtf8: false };
const undeclaredUtf8: TypeVerdict = { kind: 'same', validateUtf8: true };
const otherType: TypeVerdict = { kind: 'refused', reason: 'type-mismatch' };
const otherCharset: TypeVerdict = { kind: 'refused', reason: 'charset' };

/**
 * Compares the `Content-Type` of a response with the type of its place. Names that an RFC calls the same
 * count as the same. Text without a charset must turn out to be UTF-8, and so must text that is declared as
 * US-ASCII: browsers read that as windows-1252.
 */
export function acceptsType(expected: PlaceType, contentType: string | undefined | null): TypeVerdict {
  if (contentType === expected.full) return declaredUtf8;
  if (contentType === undefined || contentType === null) return otherType;
  const declared = parseMediaType(contentType);
  if (declared === undefined || !sameType(expected.mediaType, declared.mediaType)) return otherType;
  if (declared.charset === 'us-ascii') return undeclaredUtf8;
  if (!isUtf8Name(declared.charset)) return otherCharset;
  return expected.textual && declared.charset === undefined ? undeclaredUtf8 : declaredUtf8;
}

/** No `Content-Type` of use is longer. */
const maxOwnType = 256;

/**
 * The type of a page that says itself what it is, because its place says something else. `undefined` when it is not said once,
 * in a way that everybody reads alike.
 *
 * @param contentType the value of the field, sent as it is.
 */
export function ownType(contentType: string): PlaceType | undefined {
  const declared = contentType.length > maxOwnType ? undefined : parseMediaType(contentType);
  return (
    declared && { mediaType: declared.mediaType, full: contentType, textual: isTextual(declared.mediaType) }
  );
}

function isUtf8Name(charset: string | undefined): boolean {
  return charset === undefined || charset === 'utf-8' || charset === 'utf8';
}
