/** Asks for stored pages, while the site goes on: a page that changes meanwhile is asked for again. */
import type { Asking } from './ask.ts';
import type { Case } from './cases.ts';
import { type Judged, type Judging, judgeCase } from './judge.ts';
import { verdictOf } from './verdict.ts';

/** How often a page is asked for that is another one each time. */
const TRIES = 4;

/** What became of one stored page. */
export type PageChecked =
  | { readonly kind: 'checked'; readonly judged: readonly Judged[]; readonly isPrivate: boolean }
  /** It was purged since, or the rules of the configuration keep it from everybody. */
  | { readonly kind: 'passed over' };

/** Asks for one stored page: as it is, compressed, and whether it changed. */
export async function judgePage(judging: Judging, key: string): Promise<PageChecked> {
  const isPrivate = (await judging.cache.why(key)).stored?.isPrivate === true;
  // Nobody else has it.
  if (isPrivate && !judging.isBehind) return { kind: 'passed over' };
  const { cache, frontEnd } = judging;
  const { host } = frontEnd.options;
  for (let tries = 1; ; tries += 1) {
    const before = await verdictOf(cache, host, get(key));
    if (before.kind !== 'page') return { kind: 'passed over' };
    const { validators } = before.expected;
    const conditions = { 'if-none-match': validators.etag, 'if-modified-since': validators.lastModified };
    const cases: Case[] = [
      { ...about, name: 'a stored page', asking: get(key) },
      { ...about, name: 'a stored page, compressed', asking: get(key, { 'accept-encoding': 'gzip, br' }) },
      // A server with tags of its own may give the page once more.
      {
        ...about,
        name: 'a stored page that did not change',
        asking: get(key, conditions),
        wholeWillDo: true,
      },
    ];
    const judged: Judged[] = [];
    for (const one of cases) judged.push(...(await judgeCase(judging, one)));
    if (!judged.some(({ flaws }) => flaws.some(({ harmless }) => !harmless)))
      return { kind: 'checked', judged, isPrivate };
    const after = await verdictOf(cache, host, get(key));
    const same =
      after.kind === 'page' &&
      after.expected.digest === before.expected.digest &&
      after.expected.validators.etag === validators.etag;
    if (same) return { kind: 'checked', judged, isPrivate };
    if (tries === TRIES) return { kind: 'passed over' };
  }
}

const about = { topic: 'pages', secrets: [] } as const;

function get(target: string, headers: Readonly<Record<string, string>> = {}): Asking {
  return { method: 'GET', target, headers };
}
