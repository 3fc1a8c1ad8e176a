/**
 * What most requests look like, as one pattern for each form of a path: nginx then needs one look in place of eight. Whatever does
 * not match is no odd request, it is only looked at more closely. Pure.
 */
import type { Manifest } from '@pagetree/core';
import { executableExtensions } from '@pagetree/core/rules';
import type { Form } from './lookups.ts';
import { extensionOf, type Model } from './model.ts';
import { literal } from './spelling.ts';

/** The most that a usual name may have; with any ending it is shorter than the longest name of a page. */
export const LONGEST = 200;
const name = `[A-Za-z0-9_~-]{1,${LONGEST}}+`;

/** Extensions that sites have. That of the files for folders is left out, since those have names that are refused. */
const extensions = [
  ...['css', 'js', 'mjs', 'json', 'xml', 'txt', 'svg', 'png', 'jpg', 'jpeg', 'webp', 'avif', 'gif', 'ico'],
  ...['woff2', 'webmanifest', 'pdf', 'mp4'],
];

/** The fields of a request that the patterns are about, in their order. Between them stands `|`, which no part of a pattern has. */
export const usualFields = ['request', 'http_host', 'http_connection', 'http_accept', 'http_accept_encoding'];

const accept =
  '(?:(?:[a-z]++/[a-z0-9+.-]++(?:;q=0\\.[1-9])?+,)*+\\*/\\*(?:;q=0\\.[1-9])?+' +
  '(?:,application/signed-exchange;v=b3;q=0\\.[1-9])?+)?+';

/**
 * Patterns over `usualFields`, for PCRE.
 *
 * @param rest What must follow the fields.
 */
export function usualRequests(
  model: Model,
  rest: string,
): readonly (readonly [form: Form, pattern: string])[] {
  const { upstream, rules } = model;
  const own = ownNames(model.manifest);
  const each = `/${own.length === 0 ? '' : `(?!(?i:${own.join('|')}))`}${name}`;
  const known = extensions.filter((extension) => isPlain(model, extension)).join('|');
  const paths: readonly (readonly [Form, string])[] = [
    ['undotted', `(?:${each})++`],
    ['slash', `(?:${each})*+/`],
    ...(known === '' ? [] : [['dotted', `(?:${each})++\\.(?:${known})`] as const]),
  ];
  const host =
    rules.hosts === undefined
      ? '[A-Za-z0-9][A-Za-z0-9.-]*+(?::[0-9]{1,5}+)?+'
      : `(?i:${rules.hosts.map(literal).join('|')})`;
  const fields = [host, '(?:keep-alive|close)?+', accept, '(?:[a-z-]++(?:, ?+[a-z-]++)*+)?+'];
  const query = upstream ? '' : '(?:\\?[^ ]*+)?+';
  const end = upstream ? `\\|${fields.join('\\|')}\\|${rest}$` : '$';
  return paths.map(([form, path]) => [form, `^(?:GET|HEAD) ${path}${query} HTTP/[12]\\.[01]${end}`]);
}

/** Names that an owner chose and that could be taken for usual ones. They are left to the closer look. */
export function ownNames({ directoryIndex, pageFile }: Manifest): string[] {
  const own = [directoryIndex, pageFile, directoryIndex.replace(/\.[^.]*$/, '')];
  return [...new Set(own)].filter((own) => /^[\w~-]+$/.test(own));
}

function isPlain({ manifest: { directoryIndex, pageFile } }: Model, extension: string): boolean {
  return ![extensionOf(directoryIndex), extensionOf(pageFile), ...executableExtensions].includes(extension);
}
