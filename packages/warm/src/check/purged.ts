/** Pages that come, go and change: each must be seen at the very next request. */
import type { Asking } from './ask.ts';
import type { Topic } from './cases.ts';
import { type Flaw, flaw } from './compare.ts';
import { answeredBy, isAnswer, type Judged, type Judging } from './judge.ts';
import type { Probe } from './probe.ts';

/** Goes through the life of a page, for each kind of page. */
export async function* judgePurges(judging: Judging, probe: Probe): AsyncGenerator<Judged> {
  const targets = [
    await probe.targetOf('late'),
    `${probe.folder}/`,
    await probe.targetOf('both'),
    await probe.targetOf('style.css'),
  ];
  for (const target of targets) {
    if (target === undefined || (await judging.cache.why(target)).place === undefined) continue;
    yield* judgeLife(judging, probe, target);
  }
}

/** Asked while it is not there, a page comes; it is purged, and another one comes. */
async function* judgeLife(judging: Judging, probe: Probe, target: string): AsyncGenerator<Judged> {
  const get: Asking = { method: 'GET', target, headers: {} };
  const ask = (secrets: readonly string[], wanted: string | undefined, name: string, asking = get) =>
    judge(judging, { secrets, wanted, name, asking });
  await probe.purge(target);
  yield await ask([], undefined, 'a page before it is stored');
  const first = await probe.store(target);
  yield await ask([], first.secret, 'a page that was stored a moment ago');
  // A server that keeps open files does so when it is asked again.
  const { validators, judged } = await twice(judging, get, first.secret);
  yield judged;
  await probe.purge(target);
  yield await ask([first.secret], undefined, 'a page that was purged');
  if (Object.keys(validators).length > 0) {
    const asking = { ...get, headers: validators };
    yield await ask([first.secret], undefined, 'the validators of a page that was purged', asking);
  }
  const second = await probe.store(target);
  yield await ask([first.secret], second.secret, 'a page that was stored again');
}

interface Life {
  readonly name: string;
  readonly asking: Asking;
  /** What must not come any more. */
  readonly secrets: readonly string[];
  /** What must come; `undefined`: the page is not there. */
  readonly wanted: string | undefined;
}

async function judge({ frontEnd }: Judging, { name, asking, secrets, wanted }: Life): Promise<Judged> {
  const about = {
    name,
    topic: 'purge' as Topic,
    asking,
    of: 'server' as const,
    passes: wanted === undefined,
  };
  const answer = await frontEnd.ask(asking);
  if (!isAnswer(answer)) {
    return { ...about, flaws: [flaw('no answer', 'an answer', answer.problem)], by: undefined };
  }
  const { status, raw, text } = answer;
  const has = (secret: string) => raw.includes(secret) || text.includes(secret);
  const flaws: Flaw[] = [];
  if (secrets.some(has))
    flaws.push(flaw('stale', 'nothing of the purged page', `${status}, the purged page`));
  else if (wanted === undefined && status === 304)
    flaws.push(flaw('stale', 'no 304 for the purged page', '304'));
  else if (wanted !== undefined && !has(wanted))
    flaws.push(flaw('stale', 'the page that is stored', `${status}`));
  return { ...about, flaws, by: answeredBy(answer) };
}

async function twice(judging: Judging, get: Asking, secret: string) {
  const judged = await judge(judging, {
    name: 'a page that was asked for before',
    asking: get,
    secrets: [],
    wanted: secret,
  });
  const answer = await judging.frontEnd.ask(get);
  const { etag, 'last-modified': date } = isAnswer(answer) ? answer.headers : {};
  const validators = {
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(date === undefined ? {} : { 'if-modified-since': date }),
  };
  return { judged, validators };
}
