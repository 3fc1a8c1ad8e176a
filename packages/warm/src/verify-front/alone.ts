/** A run that warms nothing and verifies what is there. */
import { resolve } from 'node:path';
import type { ResolvedSettings } from '../config/resolve.ts';
import { Budget } from '../fetch/budget.ts';
import type { WarmSummary } from '../results.ts';
import type { WarmOptions } from '../warm.ts';
import { verifyAtEnd } from './verify.ts';

/** Whether the options name a server to verify, and nothing to warm. */
export function isVerifyOnly({ lists = [], urls, robots, crawl, verify, dryRun }: WarmOptions): boolean {
  const sources = lists.length > 0 || urls !== undefined || robots === true || crawl === true;
  return verify !== undefined && !sources && dryRun !== true;
}

/** @throws {PagetreeError} when there is no tree. */
export async function verifyAlone(
  { cacheDir, layout, onVerified = () => {} }: WarmOptions,
  settings: ResolvedSettings,
  stop: AbortSignal,
): Promise<WarmSummary> {
  const began = performance.now();
  const server = settings.verify!;
  const budget = new Budget(settings.maxTime);
  const signal = AbortSignal.any([stop, budget.signal]);
  try {
    const verified = await verifyAtEnd({ cacheDir, layout, server, settings, signal, onVerified });
    const nothing = { urls: 0, stored: 0, present: 0, unchanged: 0, refused: 0, failed: 0, planned: 0 };
    return {
      ...{ origin: server.href, cacheDir: resolve(cacheDir), ...nothing, duplicates: 0, bytes: 0 },
      changes: { new: 0, changed: 0, same: 0, gone: 0 },
      seconds: (performance.now() - began) / 1000,
      reasons: [],
      stopped: stop.aborted,
      cut: budget.signal.aborted ? 'max-time' : undefined,
      notPruned: undefined,
      verified,
    };
  } finally {
    budget.end();
  }
}
