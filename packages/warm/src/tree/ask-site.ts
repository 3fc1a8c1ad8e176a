import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { PageRequest } from '@pagetree/core';
import type { Origin } from '../plan/origin.ts';

/** What a running site said to one request. */
export type SiteAnswer =
  | {
      readonly status: number;
      readonly cacheStatus: string | undefined;
      readonly contentType: string | undefined;
      readonly cacheControl: string | undefined;
      readonly vary: string | undefined;
      /** Names only: the values are secrets. */
      readonly setsCookies: readonly string[];
    }
  | { readonly problem: string };

/** After so many bytes nothing new is learnt from a body. */
const ENOUGH = 64 * 1024 * 1024;

/**
 * Asks a site as a visitor would, with the target byte for byte. The body is read to its end, so that the site stores the page
 * as it would for a visitor.
 *
 * @param timeout For everything, in milliseconds.
 */
export async function askSite(origin: Origin, request: PageRequest, timeout: number): Promise<SiteAnswer> {
  const secure = origin.href.startsWith('https:');
  const signal = AbortSignal.timeout(timeout);
  try {
    const asked = (secure ? requestHttps : requestHttp)(origin.href, {
      path: request.target,
      method: request.method,
      headers: { host: origin.host, ...plain(request) },
      agent: false,
      signal,
    });
    const response = await answerTo(asked);
    await readOff(response);
    return answerFrom(response);
  } catch (error) {
    if (signal.aborted) return { problem: `not within ${timeout / 1000} seconds` };
    const { code, message } = error as NodeJS.ErrnoException;
    return { problem: code === 'ECONNREFUSED' ? 'nothing listens there' : message };
  }
}

function plain({ headers }: PageRequest): Record<string, string | readonly string[]> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function answerTo(asked: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    asked.once('response', resolve).on('error', reject).end();
  });
}

async function readOff(response: IncomingMessage): Promise<void> {
  let read = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    read += chunk.length;
    if (read > ENOUGH) break;
  }
}

function answerFrom({ statusCode, headers }: IncomingMessage): SiteAnswer {
  const cacheStatus = headers['cache-status'];
  return {
    status: statusCode!,
    cacheStatus: Array.isArray(cacheStatus) ? cacheStatus.join(', ') : cacheStatus,
    contentType: headers['content-type'],
    cacheControl: headers['cache-control'],
    vary: headers.vary,
    setsCookies: (headers['set-cookie'] ?? []).map((cookie) => cookie.split('=', 1)[0]!),
  };
}
