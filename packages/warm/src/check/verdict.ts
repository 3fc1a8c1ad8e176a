/** What the middleware says to a request, worked out from the tree: the same rules, without the application. */
import { createHash } from 'node:crypto';
import {
  type ByteRange,
  type Coding,
  chooseCoding,
  evaluate,
  isCompressible,
  type Page,
  type PageBody,
  type PageCache,
  type Reason,
  rangesOf,
  type Validators,
  validatorsOf,
} from '@pagetree/core';
import type { Asking } from './ask.ts';

/** The answer that a stored page gives. */
export interface Expected {
  readonly status: 200 | 206 | 304 | 412 | 416;
  readonly coding: Coding | 'identity';
  /** Codings that the client takes, the best first. */
  readonly accepted: readonly string[];
  readonly type: string;
  readonly cacheControl: string;
  /** A cache between must know that there are, or may be, several codings. */
  readonly varies: boolean;
  /** There is a variant already. */
  readonly hasVariants: boolean;
  readonly validators: Validators;
  /** Bytes of the whole body in its coding. */
  readonly size: number;
  /** SHA-256 of what is sent, without its coding; of nothing for an answer without a body. */
  readonly digest: string;
  readonly contentRange: string | undefined;
  /** Fields that a web server in front of the tree cannot know, `cache-control` for the one of the application. */
  readonly lost: readonly string[];
  /** The fields that were stored with the page. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** What becomes of a request. */
export type Verdict =
  | { readonly kind: 'page'; readonly expected: Expected }
  /** The application answers it: there is no page. */
  | { readonly kind: 'miss' }
  /** The application answers it, whatever the tree has. */
  | { readonly kind: 'bypass'; readonly reason: Reason };

/** Every coding that a server may have. */
const codings: readonly Coding[] = ['br', 'zstd', 'gzip'];

/** Judges a request as the middleware with the rules of `cache` does. Nothing is written. */
export async function verdictOf(cache: PageCache, host: string, asking: Asking): Promise<Verdict> {
  const { method, target, body } = asking;
  const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` };
  const request = { method, target, headers: { host, accept: '*/*', ...asking.headers, ...length } };
  const { bypass, stored } = await cache.why(request);
  if (bypass !== undefined) return { kind: 'bypass', reason: bypass };
  // HEAD finds what GET finds, and takes no permission to store.
  const found = await cache.lookup({ ...request, method: 'HEAD' });
  if (found.kind !== 'hit') return { kind: 'miss' };
  try {
    return { kind: 'page', expected: await expectedOf(found.page, request, stored?.lost ?? []) };
  } finally {
    await found.page.close();
  }
}

async function expectedOf(
  page: Page,
  request: { readonly method: string; readonly target: string; readonly headers: Record<string, string> },
  lost: readonly string[],
): Promise<Expected> {
  const field = request.headers['accept-encoding'];
  const body = (await bestBody(page, chooseCoding(field, page.codings)))!;
  const validators = validatorsOf(body.mtimeMs, body.size);
  const verdict = evaluate(request.headers, validators);
  const ranges = verdict === 'send' ? rangesOf(request, validators, body.size) : undefined;
  const range = Array.isArray(ranges) ? (ranges as readonly ByteRange[])[0] : undefined;
  const status =
    verdict === 'not-modified'
      ? 304
      : verdict === 'precondition-failed'
        ? 412
        : ranges === 'unsatisfiable'
          ? 416
          : range === undefined
            ? 200
            : 206;
  const mediaType = page.contentType.split(';', 1)[0]!;
  return {
    status,
    coding: body.coding,
    accepted: chooseCoding(field, codings),
    type: page.contentType,
    cacheControl: page.cacheControl,
    varies: body.coding !== 'identity' || isCompressible(mediaType),
    hasVariants: await hasVariants(page),
    validators,
    size: body.size,
    digest: await digestOf(page, request.method, status, range),
    contentRange: contentRangeOf(status, range, body.size),
    lost,
    headers: page.headers,
  };
}

function contentRangeOf(status: number, range: ByteRange | undefined, size: number): string | undefined {
  if (range !== undefined) return `bytes ${range.start}-${range.end}/${size}`;
  return status === 416 ? `bytes */${size}` : undefined;
}

async function bestBody(page: Page, best: readonly (Coding | 'identity')[]): Promise<PageBody | undefined> {
  for (const coding of best) {
    const body = await page.body(coding === 'identity' ? undefined : coding);
    if (body !== undefined) return body;
  }
  return undefined;
}

async function hasVariants(page: Page): Promise<boolean> {
  for (const coding of page.codings) if ((await page.body(coding)) !== undefined) return true;
  return false;
}

/** Parts are asked for without a coding only, so that the identity body has them. */
async function digestOf(
  page: Page,
  method: string,
  status: number,
  range: ByteRange | undefined,
): Promise<string> {
  const hash = createHash('sha256');
  if (method !== 'HEAD' && (status === 200 || status === 206)) {
    const body = (await page.body())!;
    for await (const chunk of body.stream(range)) hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}
