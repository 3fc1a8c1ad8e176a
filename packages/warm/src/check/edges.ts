/** Asks about the edges, with pages of its own that are gone at the end. */
import type { PageCache } from '@pagetree/core';
import { throughWindow } from '../plan/window.ts';
import { type Case, forApplications, type Own, pageCases, passCases } from './cases.ts';
import { flaw } from './compare.ts';
import { internalFiles, otherCases } from './internal.ts';
import { isAnswer, type Judged, type Judging, judgeCase } from './judge.ts';
import { Probe } from './probe.ts';
import { judgePurges } from './purged.ts';
import type { Tally } from './tally.ts';
import { verdictOf } from './verdict.ts';

/**
 * Stores pages under a name that nobody can guess, and asks for them in every way.
 *
 * @param prefixes the `cachePaths` of the configuration.
 */
export async function askAtEdges(judging: Judging, prefixes: readonly string[], tally: Tally): Promise<void> {
  const { cache, frontEnd } = judging;
  const probe = await Probe.at(cache, frontEnd.options.host, prefixes);
  try {
    await probe.storeAll(judging.isBehind);
    const { secret } = await probe.putOthers();
    const cases = [
      ...pageCases(probe, await ownOf(judging, cache, probe)),
      ...passCases(probe, await internalFiles(cache, probe)),
      ...(await otherCases(probe, secret)),
    ];
    const judged = await judgeAll(judging, cases);
    await tally.judged(judging.isStatic ? judged : withSilent(judged));
    for await (const one of judgePurges(judging, probe)) await tally.judged([one]);
  } finally {
    // Who may not write has nothing to take away, and may not do that either.
    if (probe.pages.size > 0) await probe.clear();
  }
}

/** In the order of the table, whoever answers first. */
async function judgeAll(judging: Judging, cases: readonly Case[]): Promise<Judged[]> {
  const { signal, concurrency } = judging.frontEnd.options;
  const judged: Judged[][] = [];
  await throughWindow(cases.entries(), concurrency, signal, async ([at, one]) => {
    judged[at] = await judgeCase(judging, one);
  });
  signal.throwIfAborted();
  return judged.flat();
}

/** What the server itself says of the first page: clients send that back. */
async function ownOf(judging: Judging, cache: PageCache, probe: Probe): Promise<Own> {
  const { frontEnd } = judging;
  const asking = { method: 'GET', target: probe.page('page').target, headers: {} };
  const answer = await frontEnd.ask(asking);
  const verdict = await verdictOf(cache, frontEnd.options.host, asking);
  if (verdict.kind !== 'page') throw new Error('a page that was stored a moment ago is no hit');
  const { etag, lastModified } = verdict.expected.validators;
  const headers = isAnswer(answer) ? answer.headers : {};
  return { etag: headers.etag, lastModified: headers['last-modified'], middleware: { etag, lastModified } };
}

/**
 * Where the middleware is behind the server, it signs every answer with `Cache-Status`. An answer without that never reached it,
 * although only the application could know it.
 */
function withSilent(all: readonly Judged[]): Judged[] {
  const isBehind = all.some(({ passes, by }) => passes && by === 'application');
  return all.map((one) => {
    const silent = isBehind && one.passes && one.by === undefined && forApplications.has(one.topic);
    if (!silent || one.flaws.length > 0) return one;
    return { ...one, flaws: [flaw('bypass', 'the answer of the application', 'one of the server itself')] };
  });
}
