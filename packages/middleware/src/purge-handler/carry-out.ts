/** Purges what an order names, and tells what became of each scope. */
import { type PageCache, PagetreeError, type PurgeScope } from '@pagetree/core';
import type { PurgeOrder } from './order.ts';

/** What became of one scope. */
export interface ScopeResult {
  readonly scope: PurgeScope;
  readonly pages: number;
  /** Bytes of the bodies. */
  readonly bytes: number;
  /** Renders under way whose page will not be stored. */
  readonly fills: number;
  /** The paths of the pages, at most a thousand; only where a list was asked for. */
  readonly paths?: readonly string[];
  /** Why it was not, or not all, purged. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** What became of an order. */
export interface PurgeResult {
  /** 200, 422 when a scope names no page, 500 when something could not be removed, 503 when the cache is closed. */
  readonly status: 200 | 422 | 500 | 503;
  readonly body: {
    readonly dryRun: boolean;
    readonly pages: number;
    readonly bytes: number;
    readonly purged: readonly ScopeResult[];
  };
}

/** The most paths of one scope in an answer. */
const MOST_PATHS = 1000;

/**
 * One scope after the other. A scope that fails does not keep the others from being purged: what a client wants gone
 * must go.
 */
export async function carryOut(cache: PageCache, { scopes, dryRun, list }: PurgeOrder): Promise<PurgeResult> {
  const purged: ScopeResult[] = [];
  let status: PurgeResult['status'] = 200;
  for (const scope of scopes) {
    const paths: string[] = [];
    const onPage = ({ key }: { key: string }): void => {
      if (paths.length < MOST_PATHS) paths.push(key);
    };
    const named = list ? { paths } : {};
    try {
      const counts = await cache.purge(scope, { dryRun, ...(list ? { onPage } : {}) });
      purged.push({ scope, ...counts, ...named });
    } catch (error) {
      const failure = failureOf(error);
      status = Math.max(status, failure.status) as PurgeResult['status'];
      purged.push({ scope, pages: 0, bytes: 0, fills: 0, ...named, error: failure.error });
    }
  }
  const sum = (what: 'pages' | 'bytes'): number => purged.reduce((total, one) => total + one[what], 0);
  return { status, body: { dryRun, pages: sum('pages'), bytes: sum('bytes'), purged } };
}

function failureOf(error: unknown): { status: 422 | 500 | 503; error: { code: string; message: string } } {
  if (!(error instanceof PagetreeError)) {
    return { status: 500, error: { code: 'ERR_PAGETREE_PURGE_INCOMPLETE', message: 'The purge failed.' } };
  }
  const { code, message } = error;
  if (code === 'ERR_PAGETREE_CLOSED') return { status: 503, error: { code, message } };
  if (code === 'ERR_PAGETREE_PURGE_INCOMPLETE') return { status: 500, error: { code, message } };
  return { status: 422, error: { code, message } };
}
