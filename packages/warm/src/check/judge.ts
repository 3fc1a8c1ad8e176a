/** Asks one question, and judges the answer by what the tree says. */
import type { PageCache } from '@pagetree/core';
import type { Answer, Asker, Asking, NoAnswer } from './ask.ts';
import { type Case, forApplications, type Topic } from './cases.ts';
import { compare, type Flaw, flaw } from './compare.ts';
import { type Expected, type Verdict, verdictOf } from './verdict.ts';
import type { ServerKind } from './where.ts';

/** Whom to ask, and by what to judge. */
export interface Judging {
  readonly cache: PageCache;
  readonly frontEnd: Asker;
  /** The application with the middleware, when it is named. */
  readonly origin: Asker | undefined;
  /** There is no application behind the server. */
  readonly isStatic: boolean;
  /** Which server it is, as far as it says so. */
  readonly server: ServerKind | undefined;
  /** The middleware is behind the server. */
  readonly isBehind: boolean;
}

/** What a question came to. */
export interface Judged {
  readonly name: string;
  readonly topic: Topic;
  readonly asking: Asking;
  readonly flaws: readonly Flaw[];
  /** Who answered wrongly: the server that is checked, or the application itself. */
  readonly of: 'server' | 'application';
  /** The application was to answer. */
  readonly passes: boolean;
  /** Who answered: the middleware with a page, the application behind it, or somebody who does not say. */
  readonly by: 'middleware' | 'application' | undefined;
}

/** Whether somebody answered at all. */
export function isAnswer(answer: Answer | NoAnswer): answer is Answer {
  return 'status' in answer;
}

/** Asks one question of the table. Where an application is named, it must say the same as its tree. */
export async function judgeCase(judging: Judging, one: Case): Promise<Judged[]> {
  const { cache, frontEnd, origin } = judging;
  const { asking } = one;
  const verdict = await verdictOf(cache, frontEnd.options.host, asking);
  const answer = await frontEnd.ask(asking);
  const flaws = isAnswer(answer)
    ? await flawsOf(judging, one, verdict, answer)
    : [flaw('no answer', 'an answer', answer.problem, one.topic === 'spelling')];
  const about = { name: one.name, topic: one.topic, asking, passes: verdict.kind !== 'page' };
  const judged: Judged = {
    ...about,
    flaws,
    of: 'server',
    by: isAnswer(answer) ? answeredBy(answer) : undefined,
  };
  if (origin === undefined || verdict.kind !== 'page') return [judged];
  const own = await origin.ask(asking);
  const wrong = isAnswer(own)
    ? compare(verdict.expected, own, asking).filter(({ harmless }) => !harmless)
    : [flaw('no answer', 'an answer', own.problem)];
  return wrong.length === 0
    ? [judged]
    : [judged, { ...about, flaws: wrong, of: 'application', by: undefined }];
}

async function flawsOf(judging: Judging, one: Case, verdict: Verdict, answer: Answer): Promise<Flaw[]> {
  if (verdict.kind === 'page') {
    const expected = one.notModified === true ? notModified(verdict.expected) : verdict.expected;
    const flaws = compare(expected, answer, one.asking, one);
    // To ask the application instead is always right; one that does not know the page has another answer.
    const passed = judging.origin === undefined && answer.status === 404 && !leaks(one, answer);
    return passed && mayPass.has(one.topic)
      ? [flaw('status', '200', '404, from the application', true)]
      : flaws;
  }
  if (judging.isStatic && forApplications.has(one.topic)) return [];
  if (leaks(one, answer)) {
    // Caddy has no setting against links; whoever can make one in the tree can write pages, too.
    const harmless = one.topic === 'link' && judging.server === 'caddy';
    return [flaw('leak', why(verdict), `${answer.status}, with what is in the file`, harmless)];
  }
  if (one.topic === 'empty' && answer.status === 200 && answer.raw.length === 0) {
    // Pagetree makes no empty file, and few servers can tell one from a page.
    return [flaw('leak', 'no page for an empty file', '200 without a byte', true)];
  }
  return judging.origin === undefined ? [] : againstOrigin(judging.origin, one, answer);
}

const mayPass: ReadonlySet<Topic> = new Set(['cookie', 'pages', 'conflict'] as const);

function notModified(expected: Expected): Expected {
  return { ...expected, status: 304, contentRange: undefined };
}

function why(verdict: Verdict): string {
  return verdict.kind === 'bypass' ? `the answer of the application (${verdict.reason})` : 'no page';
}

function leaks({ secrets }: Case, { raw, text }: Answer): boolean {
  return secrets.some((secret) => raw.includes(secret) || text.includes(secret));
}

/** Our member of `Cache-Status` (RFC 9211) tells whether the middleware was asked. */
export function answeredBy({ headers }: Answer): Judged['by'] {
  const said = /(?:^|,)\s*pagetree\s*;\s*(hit|fwd)/.exec(headers['cache-status'] ?? '')?.[1];
  if (said === undefined) return undefined;
  return said === 'hit' ? 'middleware' : 'application';
}

/** The server may refuse odd targets by itself. */
const refusals: ReadonlySet<number> = new Set([400, 403, 404, 414]);

/** What the application answers when it is asked itself. What changes from one time to the next is not compared. */
async function againstOrigin(origin: Asker, { asking, topic }: Case, answer: Answer): Promise<Flaw[]> {
  const [first, second] = [await origin.ask(asking), await origin.ask(asking)];
  if (!isAnswer(first) || !isAnswer(second)) return [];
  if (first.status !== second.status) return [];
  const odd = topic === 'spelling' || topic === 'internal' || topic === 'link';
  if (answer.status !== first.status) {
    if (odd && refusals.has(answer.status)) return [];
    return [flaw('bypass', `${first.status}, as the application says`, `${answer.status}`)];
  }
  if (odd) return [];
  const found: Flaw[] = [];
  const [told, came] = [first.headers['content-type'], answer.headers['content-type']];
  if (told !== came) found.push(flaw('type', told ?? 'none, as the application says', came));
  if (first.digest === second.digest && first.digest !== answer.digest) {
    found.push(flaw('bypass', 'the body that the application sends', 'another body'));
  }
  return found;
}
