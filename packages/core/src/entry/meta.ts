/**
 * Meta: what the bytes of a page cannot say. It is advice, never the truth: a page without meta, or with meta
 * that does not fit its body, is served with what its name says.
 */
import type { Writer } from '../contracts.ts';

/** The version of a meta file. */
const FORMAT = 1;
/** No meta file is larger, in bytes: a larger one was not written by us. */
export const META_LIMIT = 131_072;

/** What is kept beside a page. */
export interface Meta {
  readonly key: string;
  /** When the application was asked for the page that is stored, in milliseconds since 1970. */
  readonly storedAt: number;
  readonly by: Writer;
  /** The replayed header fields, names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The `Content-Type` of a page whose place says another one, or might. */
  readonly contentType?: string;
  /** What the application said to browsers. */
  readonly cacheControl?: string;
  /** The application's own validator, for asking it again. */
  readonly etag?: string;
  readonly tags?: readonly string[];
  /** The suffixes of the variants that were made. */
  readonly variants?: readonly string[];
  /** Bytes of the body this belongs to. */
  readonly size: number;
  /** Modification time of that body, in milliseconds. */
  readonly mtimeMs: number;
  /**
   * The meta of the page that this one replaces. Meta is put before its body, so whoever reads in between, or after a publish
   * that came no further, finds the old body still with what belongs to it.
   */
  readonly before?: Meta;
}

/** The bytes of a meta file. What it replaces is left out when both are too long for one. */
export function encodeMeta({ before, ...meta }: Meta): string {
  const alone = `${JSON.stringify(written(meta))}\n`;
  if (before === undefined) return alone;
  const { before: _, ...replaced } = before;
  const both = `${JSON.stringify({ ...written(meta), before: written(replaced) })}\n`;
  return Buffer.byteLength(both) < META_LIMIT ? both : alone;
}

function written({ storedAt, ...rest }: Meta): object {
  return { format: FORMAT, ...rest, storedAt: new Date(storedAt).toISOString() };
}

const FIELD_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

function isField(value: unknown): value is readonly [string, string] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    typeof value[0] === 'string' &&
    typeof value[1] === 'string' &&
    FIELD_NAME.test(value[0]) &&
    FIELD_VALUE.test(value[1])
  );
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isOptionalField(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && FIELD_VALUE.test(value));
}

/** Reads a meta file; `undefined` for anything that is not whole and sound. */
export function decodeMeta(text: string): Meta | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  const meta = metaFrom(found);
  const before = meta && metaFrom((found as { before?: unknown }).before);
  return before === undefined ? meta : { ...meta!, before };
}

function metaFrom(found: unknown): Meta | undefined {
  if (typeof found !== 'object' || found === null) return undefined;
  const facts = found as Record<string, unknown>;
  const {
    format,
    key,
    storedAt,
    by,
    headers,
    contentType,
    cacheControl,
    etag,
    tags,
    variants,
    size,
    mtimeMs,
  } = facts;
  if (
    format !== FORMAT ||
    typeof key !== 'string' ||
    typeof storedAt !== 'string' ||
    (by !== 'middleware' && by !== 'warm') ||
    !Array.isArray(headers) ||
    !headers.every(isField) ||
    !isOptionalField(contentType) ||
    !isOptionalField(cacheControl) ||
    !isOptionalField(etag) ||
    (tags !== undefined && !isStrings(tags)) ||
    (variants !== undefined && !isStrings(variants)) ||
    typeof size !== 'number' ||
    typeof mtimeMs !== 'number'
  ) {
    return undefined;
  }
  const at = Date.parse(storedAt);
  if (Number.isNaN(at)) return undefined;
  return {
    key,
    storedAt: at,
    by,
    headers,
    ...(contentType === undefined ? {} : { contentType }),
    ...(cacheControl === undefined ? {} : { cacheControl }),
    ...(etag === undefined ? {} : { etag }),
    ...(tags === undefined ? {} : { tags }),
    ...(variants === undefined ? {} : { variants }),
    size,
    mtimeMs,
  };
}

/** What belongs to a body: the meta, or that of the page it replaces. */
export function fittingMeta(
  meta: Meta | undefined,
  key: string,
  body: { readonly size: number; readonly mtimeMs: number },
): Meta | undefined {
  return [meta, meta?.before].find((one) => one !== undefined && fits(one, key, body));
}

/**
 * Whether meta belongs to a body. Tools that copy trees may cut the time to whole seconds, so a body
 * without a fraction fits when its second does.
 */
export function fits(
  meta: Meta,
  key: string,
  body: { readonly size: number; readonly mtimeMs: number },
): boolean {
  if (meta.key !== key || meta.size !== body.size) return false;
  // Times are set in microseconds, and cut to them on the way: they may differ by one.
  if (Math.abs(meta.mtimeMs - body.mtimeMs) < 0.002) return true;
  return body.mtimeMs % 1000 === 0 && Math.floor(meta.mtimeMs / 1000) * 1000 === body.mtimeMs;
}
