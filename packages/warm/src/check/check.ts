/** `pagetree check`: asks a running web server what the middleware would be asked, and compares. */
import type { PageCache } from '@pagetree/core';
import { exitCodes } from '../commands/exit-codes.ts';
import type { Interrupt } from '../commands/interrupt.ts';
import { hostName, seconds, wholeNumber } from '../config/values.ts';
import { WarmError } from '../errors.ts';
import { parseOrigin } from '../plan/origin.ts';
import { throughWindow } from '../plan/window.ts';
import { printable } from '../report/printable.ts';
import { type Around, configOf, openFor, type TreeFlags } from '../tree/open.ts';
import { Output } from '../tree/output.ts';
import { paintFor } from '../tree/paint.ts';
import { type Answer, Asker } from './ask.ts';
import { askAtEdges } from './edges.ts';
import { answeredBy, isAnswer, type Judging } from './judge.ts';
import { judgePage } from './pages.ts';
import { type Heading, Json, Text } from './report.ts';
import { sampleOf } from './sample.ts';
import { Tally } from './tally.ts';
import { serverKind } from './where.ts';

/** What the command line says to `pagetree check`. */
export interface CheckFlags extends TreeFlags {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
  readonly sample?: string | undefined;
  readonly all: boolean;
  readonly 'pages-only': boolean;
  readonly static: boolean;
  readonly concurrency?: string | undefined;
  readonly timeout?: string | undefined;
  readonly insecure: boolean;
  readonly verbose: boolean;
}

const SAMPLE = 50;
const CONCURRENCY = 4;
const SECONDS = 30;

/**
 * Asks for stored pages and for the edges. Pages of its own, under a name that nobody can guess, tell what came from the
 * tree; they are gone at the end, also after Ctrl-C.
 *
 * @returns the exit code.
 * @throws {WarmError} when nobody answers, and for what a person did wrong.
 */
export async function checkServer(
  url: string,
  flags: CheckFlags,
  around: Around,
  interrupt: Interrupt,
): Promise<number> {
  const sample = flags.sample === undefined ? SAMPLE : wholeNumber('--sample', flags.sample, 1, 1_000_000);
  const { signal } = interrupt;
  const askers = askersFor(url, flags, signal);
  const cache = await openFor(flags, around);
  const output = new Output(around.stdout);
  try {
    const first = await reachAll(askers);
    const isBehind = !flags.static && answeredBy(first) !== undefined;
    const server = serverKind(first.headers.server);
    const judging: Judging = { cache, ...askers, server, isStatic: flags.static, isBehind };
    const heading = headingOf(judging);
    const telling = flags.json
      ? new Json(output, heading, flags.verbose)
      : new Text(output, paintFor(around.stdout, around.env), heading, flags.verbose);
    const tally = new Tally(telling);
    await telling.begin();
    const keys = flags.all ? keysOf(cache) : await sampleOf(keysOf(cache), sample);
    const work = async (key: string) => tally.page(await judgePage(judging, key));
    await throughWindow(keys, askers.frontEnd.options.concurrency, signal, work);
    signal.throwIfAborted();
    if (!flags['pages-only']) {
      const config = await configOf(flags, around);
      await askAtEdges(judging, config?.values.cachePaths ?? ['/'], tally);
    }
    await telling.end(tally.summary);
    return tally.summary.exitCode;
  } catch (error) {
    if (interrupt.exitCode === undefined) throw error;
    return interrupt.exitCode;
  } finally {
    await output.flush();
    askers.frontEnd.close();
    askers.origin?.close();
    await cache.close();
  }
}

async function* keysOf(cache: PageCache): AsyncGenerator<string> {
  for await (const { key } of cache.list()) yield key;
}

function askersFor(url: string, flags: CheckFlags, signal: AbortSignal) {
  const frontEnd = parseOrigin('The address of the web server', url);
  const origin = flags.origin === undefined ? undefined : parseOrigin('--origin', flags.origin);
  if (origin !== undefined && flags.static) {
    throw new WarmError('ERR_PAGETREE_USAGE', '--static and --origin contradict each other.', {
      hint: 'With --static there is no application that could be asked.',
    });
  }
  const { host, concurrency, timeout, insecure } = flags;
  const about = {
    host: host === undefined ? frontEnd.host : hostName('--host', host),
    concurrency: concurrency === undefined ? CONCURRENCY : wholeNumber('--concurrency', concurrency, 1, 64),
    timeout: 1000 * (timeout === undefined ? SECONDS : seconds('--timeout', timeout)),
    insecure,
    signal,
  };
  return {
    frontEnd: new Asker({ ...about, origin: frontEnd }),
    origin: origin && new Asker({ ...about, origin }),
  };
}

/** Asks both once: one that does not run is one sentence, not a failure of every question. */
async function reachAll({ frontEnd, origin }: Pick<Judging, 'frontEnd' | 'origin'>): Promise<Answer> {
  const first = await reach(frontEnd, 'The web server', 'Start it, or name the address that it listens on.');
  if (origin === undefined) return first;
  const own = await reach(origin, 'The application', 'Start it, or name its address with --origin.');
  if (answeredBy(own) !== undefined) return first;
  throw new WarmError('ERR_PAGETREE_ORIGIN', 'The application at --origin answers without the middleware.', {
    hint: 'Its answers have no Cache-Status of pagetree: name the application that has the middleware on this tree.',
  });
}

function headingOf({ cache, frontEnd, origin, server }: Judging): Heading {
  return {
    frontEnd: frontEnd.options.origin.href,
    origin: origin?.options.origin.href,
    cacheDir: cache.cacheDir,
    server,
  };
}

/** With a query, so that nothing is stored because of it. */
async function reach(asker: Asker, who: string, hint: string): Promise<Answer> {
  const answer = await asker.ask({ method: 'GET', target: '/?pagetree-check', headers: {} });
  if (isAnswer(answer)) return answer;
  const where = printable(asker.options.origin.href);
  const said = printable(answer.problem);
  const error = new WarmError('ERR_PAGETREE_ORIGIN', `${who} ${where} does not answer: ${said}.`, { hint });
  throw Object.assign(error, { exitCode: exitCodes.nothing });
}
