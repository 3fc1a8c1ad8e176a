import { setTimeout as wait } from 'node:timers/promises';
import type { HeaderMap } from '@pagetree/core';
import { WarmError } from '../errors.ts';
import { explainFailure } from '../fetch/failure.ts';
import { isOwn, type Origin, splitUrl, toTarget } from '../plan/origin.ts';
import { printable } from '../report/printable.ts';
import { SpillFile } from './spill.ts';

/** What sources need of a response. */
export interface SourceResponse {
  readonly status: number;
  readonly headers: HeaderMap;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Asks the one site for one target; the response is there while `use` runs. */
export interface SourceClient {
  get<T>(target: string, use: (response: SourceResponse) => Promise<T>): Promise<T>;
}

/** The one site that sources may be fetched from. */
export interface Network {
  readonly origin: Origin;
  readonly client: SourceClient;
}

/** What was fetched. Close it. */
export interface Download {
  readonly file: SpillFile;
  /** Where it was at last, after redirects. */
  readonly url: string;
}

/** Waits before the second and the third try, in milliseconds. */
const waits = [500, 2000];
const longestRetryAfter = 30_000;
const mostRedirects = 5;
/** The most bytes of one source. A sitemap may have 50 MB. */
const mostBytes = 1024 ** 3;

/**
 * Fetches a source to a temporary file, because it is read more slowly than a site would wait. Only from the one
 * site, also after redirects: another address is refused before a connection is made.
 *
 * @throws {WarmError} `ERR_PAGETREE_LIST` with what went wrong, in words that fit behind "cannot be read:".
 */
export async function download(url: string, network: Network, signal: AbortSignal): Promise<Download> {
  let target = ownTarget(url, network.origin);
  for (let redirects = 0; ; redirects += 1) {
    const came = await fetchPatiently(target, network.client, signal);
    if ('file' in came) return { file: came.file, url: network.origin.href + target };
    if (redirects === mostRedirects) throw cannot(`it is redirected more than ${mostRedirects} times`);
    const base = network.origin.href + target;
    if (!URL.canParse(came.location, base)) throw cannot(`it is redirected to ${noUrl(came.location)}`);
    target = ownTarget(new URL(came.location, base).href, network.origin, 'it is redirected to ');
  }
}

/** @throws {WarmError} unless the URL is one of the site. */
export function ownTarget(url: string, origin: Origin, because = ''): string {
  const parts = splitUrl(url);
  if (parts === undefined) throw cannot(`${because}${printable(url, 100)}, which is no http or https URL`);
  if (parts.credentials) throw cannot(`${because}a URL with a user name or password in it`);
  if (!isOwn(parts.origin, origin)) {
    throw new OtherSite(`${because}${parts.origin.href}, which is not ${origin.href}`);
  }
  return toTarget(parts.target.replace(/#.*$/s, ''));
}

/** A password in what is no URL has no place that it is known by, so nothing of that is shown. */
function noUrl(location: string): string {
  return location.includes('@') ? 'what is no URL' : `${printable(location, 100)}, which is no URL`;
}

/** The source belongs to another site. */
export class OtherSite extends WarmError {
  constructor(message: string) {
    super('ERR_PAGETREE_LIST', message, {
      hint: 'Warm every site into a tree of its own. Is it another name of the same site? Say so with --host.',
    });
  }
}

/** The site answered with another status than 200. */
export class BadStatus extends WarmError {
  readonly status: number;

  constructor(status: number) {
    super('ERR_PAGETREE_LIST', `the site answers ${status}`);
    this.status = status;
  }
}

type Came = { readonly file: SpillFile } | { readonly location: string };
type Tried = Came | { readonly problem: WarmError; readonly retryAfter: number | undefined };

async function fetchPatiently(target: string, client: SourceClient, signal: AbortSignal): Promise<Came> {
  for (let attempt = 0; ; attempt += 1) {
    const tried = await fetchOnce(target, client);
    if (!('problem' in tried)) return tried;
    // A request that was stopped says nothing of the site.
    signal.throwIfAborted();
    const pause = waits[attempt];
    if (pause === undefined) throw tried.problem;
    // A little at random, so that several warmers do not come back at the same moment.
    const after = Math.min(tried.retryAfter ?? pause * (0.75 + Math.random() / 2), longestRetryAfter);
    await wait(after, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

async function fetchOnce(target: string, client: SourceClient): Promise<Tried> {
  const file = new SpillFile();
  try {
    const tried = await client.get(target, (response) => take(response, file));
    if (!('file' in tried)) file.close();
    return tried;
  } catch (error) {
    file.close();
    // What a person must mend, such as an origin that does not answer.
    if (error instanceof WarmError) throw error;
    const { detail } = explainFailure(error);
    return { problem: cannot(printable(detail), error), retryAfter: undefined };
  }
}

async function take({ status, headers, body }: SourceResponse, file: SpillFile): Promise<Tried> {
  const location = oneOf(headers.location);
  if ([301, 302, 303, 307, 308].includes(status) && location !== undefined) {
    await readAway(body);
    return { location };
  }
  if (status !== 200) {
    await readAway(body);
    const problem = new BadStatus(status);
    if (status !== 429 && status < 500) throw problem;
    return { problem, retryAfter: secondsOf(oneOf(headers['retry-after'])) };
  }
  const coding = oneOf(headers['content-encoding'])?.toLowerCase() ?? 'identity';
  if (!['identity', 'gzip', 'x-gzip', ''].includes(coding)) {
    throw cannot(`it is sent with the content coding ${printable(coding)}, which was not asked for`);
  }
  for await (const chunk of body) {
    if (file.bytes + chunk.length > mostBytes) throw cannot('it is larger than 1 GB');
    file.write(chunk);
  }
  return { file };
}

/** Reads a body that nobody wants, up to a size, so that its connection can be used again. */
async function readAway(body: AsyncIterable<Uint8Array>): Promise<void> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > 256 * 1024) return;
  }
}

function secondsOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined;
}

function oneOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

function cannot(why: string, cause?: unknown): WarmError {
  return new WarmError('ERR_PAGETREE_LIST', why, cause === undefined ? {} : { cause });
}
