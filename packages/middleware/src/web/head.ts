/** The heads of responses of the Fetch standard: read, copied, and marked with what the cache did. */
import type { ResponseHead } from '@pagetree/core';
import { appendMember, cacheStatus, type Handling } from '../cache-status.ts';

/** The head as the rules read it: cookies stay apart, every other field is one line. */
export function headOf({ status, headers }: Response): ResponseHead {
  const fields: Record<string, string | string[]> = Object.fromEntries(headers);
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) fields['set-cookie'] = cookies;
  return { status, headers: fields };
}

/** The same head with another body. The `Response` of the moment is the one that the server knows best. */
export function withBody(response: Response, body: ReadableStream<Uint8Array> | Uint8Array | null): Response {
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers: new Headers(headers) });
}

/** What `Cache-Status` said on a response before we came. An application may send one response again and again. */
export type SaidBefore = WeakMap<Response, string>;

/**
 * Puts our member of `Cache-Status` on a response of the application. It stays the same object where that can be:
 * servers send a string that they still know faster, and with its length.
 */
export function announce(response: Response, handling: Handling, saidBefore: SaidBefore): Response {
  const before = saidBefore.get(response) ?? response.headers.get('cache-status') ?? '';
  const value = appendMember(before, cacheStatus(handling));
  try {
    response.headers.set('cache-status', value);
    saidBefore.set(response, before);
    return response;
  } catch {
    return announceOnCopy(response, value);
  }
}

/** The head of what `fetch()` and `Response.redirect()` give can't be changed. */
function announceOnCopy(response: Response, value: string): Response {
  // `Response.error()`: no status to make a copy with.
  if (response.status === 0) return response;
  try {
    const copy = withBody(response, response.body);
    copy.headers.set('cache-status', value);
    return copy;
  } catch {
    // A body in use: the server reports it as it does without us.
    return response;
  }
}
