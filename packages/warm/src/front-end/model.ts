/**
 * What a web server must know to answer from a tree: the manifest and the rules about requests, resolved and free of any
 * server's syntax. Pure. Each generator writes one of these down.
 */
import { extensionTypes, type Manifest, PagetreeError, spell } from '@pagetree/core';
import { parseMediaType, placeType } from '@pagetree/core/rules';
import { type Lookup, lookupsOf } from './lookups.ts';

/** Where the application is. */
export type Upstream =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** The rules about requests that are not in the manifest, with the defaults of the middleware. */
export interface RequestRules {
  readonly cookies: 'bypass' | 'ignore';
  /** Beyond the well-known ones; `*` at the end stands for any rest. */
  readonly ignoreCookies: readonly string[];
  /** `undefined`: any host. */
  readonly hosts: readonly string[] | undefined;
  readonly cachePaths: readonly string[];
  readonly excludePaths: readonly string[];
}

/** What a configuration is made from. */
export interface FrontEndInput {
  /** The absolute path of the tree. */
  readonly root: string;
  readonly manifest: Manifest;
  readonly rules: RequestRules;
  /** `undefined`: there is no application, what is not in the tree is a 404. */
  readonly upstream: Upstream | undefined;
  readonly serverNames: readonly string[];
  /** An address, a port, or both; `undefined`: port 80. */
  readonly listen: string | undefined;
  /** The command line that makes this configuration again. */
  readonly command: string;
}

/** A rule for all keys at or below a prefix, which is spelt as keys are: `/caf%C3%A9`. */
export interface PrefixRule {
  readonly prefix: string;
  readonly value: string;
}

/** The types of a tree as they are sent, with charset. */
export interface TypeTable {
  /** The longest first. They win over extensions. */
  readonly prefixes: readonly PrefixRule[];
  /** By extension, lower case and without the dot. */
  readonly extensions: ReadonlyMap<string, string>;
  readonly fallback: string;
}

/** What the generators write down. */
export interface Model extends FrontEndInput {
  readonly types: TypeTable;
  /** The longest first. */
  readonly cacheControl: readonly PrefixRule[];
  /** Prefixes of keys that may be in the tree; none: all may. */
  readonly inside: readonly string[];
  readonly excluded: readonly string[];
  readonly lookups: readonly Lookup[];
}

/** Resolves a manifest and the rules about requests. */
export function modelOf(input: FrontEndInput): Model {
  const { manifest, rules } = input;
  const types = typesOf(manifest);
  const inside = rules.cachePaths.map((path) => keyOf('cachePaths', path));
  return {
    ...input,
    types,
    cacheControl: prefixRules('cacheControl', manifest.cacheControl),
    inside: inside.includes('/') ? [] : inside,
    excluded: rules.excludePaths.map((path) => keyOf('excludePaths', path)),
    lookups: lookupsOf(manifest, types),
  };
}

/** The extension of a name as nginx reads it: what follows its last dot, which is not in front. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase();
}

function typesOf({ types, contentType }: Manifest): TypeTable {
  const extensions = new Map(extensionTypes);
  const prefixes: Record<string, string> = {};
  for (const [name, type] of Object.entries(types)) {
    if (name.startsWith('/')) prefixes[name] = type;
    else extensions.set(name.slice(1).toLowerCase(), type);
  }
  return {
    prefixes: prefixRules('types', prefixes).map(({ prefix, value }) => ({
      prefix,
      value: typeAsSent(value),
    })),
    extensions: new Map([...extensions].map(([extension, type]) => [extension, typeAsSent(type)])),
    fallback: typeAsSent(contentType),
  };
}

function prefixRules(option: string, rules: Readonly<Record<string, string>>): PrefixRule[] {
  return Object.entries(rules)
    .map(([path, value]) => ({ prefix: keyOf(option, path), value }))
    .sort((a, b) => b.prefix.length - a.prefix.length);
}

function keyOf(option: string, path: string): string {
  const key = spell(path);
  if (key !== undefined) return key;
  throw new PagetreeError(
    'ERR_PAGETREE_OPTION',
    `${option}: expected paths that start with / and have no query, but got ${JSON.stringify(path)}.`,
  );
}

/** The `Content-Type` that is sent for a type of the manifest. Parameters that somebody wrote behind it do not count. */
function typeAsSent(type: string): string {
  return placeType(parseMediaType(type)?.mediaType ?? type).full;
}
