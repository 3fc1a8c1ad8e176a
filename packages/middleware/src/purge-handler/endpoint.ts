/** The purge endpoint, whatever it is mounted in: from a request to the answer it gets. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { carryOut } from './carry-out.ts';
import { createLimiter } from './limiter.ts';
import { type PurgeHandlerOptions, resolvePurgeOptions } from './options.ts';
import { readOrder } from './order.ts';

/** The largest body that is read, in bytes. */
export const LARGEST_BODY = 65_536;

/** A request to purge. */
export interface PurgeRequest {
  readonly method: string;
  /** A header field by its lower-case name. */
  field(name: string): string | undefined;
  /** The body. Asked for only when the token is right. */
  body(): Promise<PurgeBody>;
}

/** The body of a request: its bytes, or what somebody made of them before us, or why there is none. */
export type PurgeBody =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'parsed'; readonly value: unknown }
  | { readonly kind: 'too-large' }
  /** The client left. */
  | { readonly kind: 'broken' }
  /** Somebody read it and kept it. */
  | { readonly kind: 'taken' };

/** What is answered. Every answer is JSON. */
export interface PurgeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers purge requests. Never rejects. */
export type PurgeEndpoint = (request: PurgeRequest) => Promise<PurgeAnswer>;

/**
 * Makes the endpoint.
 *
 * @param now milliseconds that only grow.
 * @throws PagetreeError ERR_PAGETREE_OPTION without a token that is long enough.
 */
export function createEndpoint(
  options: PurgeHandlerOptions,
  now: () => number = () => performance.now(),
): PurgeEndpoint {
  const { token, cache, perMinute, failuresPerMinute } = resolvePurgeOptions(options);
  const expected = digest(token);
  const successes = createLimiter(perMinute, now);
  const failures = createLimiter(failuresPerMinute, now);

  return async (request) => {
    if (request.method !== 'POST') return refuse(405, 'Purge with POST.', { Allow: 'POST' });
    const shown = /^bearer +(\S+) *$/i.exec(request.field('authorization') ?? '')?.[1];
    // Of equal length whatever was shown, so that the time tells neither the token nor its length.
    if (shown === undefined || !timingSafeEqual(digest(shown), expected)) {
      const wait = failures();
      if (wait > 0) return tooMany(wait);
      // RFC 6750, 3.1: a code only when a token was shown.
      const error = shown === undefined ? '' : ', error="invalid_token"';
      return refuse(401, 'Show the token: Authorization: Bearer ...', {
        'WWW-Authenticate': `Bearer realm="pagetree"${error}`,
      });
    }
    const wait = successes();
    if (wait > 0) return tooMany(wait);
    const content = await contentOf(request);
    if ('status' in content) return content;
    const order = readOrder(content.value);
    if (typeof order === 'string') return refuse(422, order);
    const { status, body } = await carryOut(cache, order);
    return answer(status, body);
  };
}

/** The JSON of a request, or the answer to one that has none (RFC 9110, 15.5). */
async function contentOf(request: PurgeRequest): Promise<PurgeAnswer | { readonly value: unknown }> {
  const type = (request.field('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (type !== 'application/json') {
    return refuse(415, 'Send JSON, with Content-Type: application/json.', {
      'Accept-Post': 'application/json',
    });
  }
  if (Number(request.field('content-length')) > LARGEST_BODY) return tooLarge();
  const body = await request.body();
  switch (body.kind) {
    case 'parsed':
      return { value: body.value };
    case 'too-large':
      return tooLarge();
    case 'broken':
      return refuse(400, 'The body did not come to its end.');
    case 'taken':
      return refuse(
        500,
        'The body was read before it came here: mount purgeHandler before what reads bodies.',
      );
    case 'bytes':
      break;
  }
  const coding = (request.field('content-encoding') ?? 'identity').trim().toLowerCase();
  if (coding !== 'identity') {
    return refuse(415, 'Send the JSON as it is, without Content-Encoding.', {
      'Accept-Encoding': 'identity',
    });
  }
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body.bytes)) };
  } catch {
    // What the parser says has a part of the body in it.
    return refuse(400, 'The body is not JSON, such as {"path": "/blog/post"}.');
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function tooMany(seconds: number): PurgeAnswer {
  return refuse(429, `Too many requests; the next one in ${seconds} s.`, { 'Retry-After': `${seconds}` });
}

function tooLarge(): PurgeAnswer {
  return refuse(413, `The body may have at most ${LARGEST_BODY} bytes.`);
}

function refuse(status: number, error: string, headers: Readonly<Record<string, string>> = {}): PurgeAnswer {
  return answer(status, { error }, headers);
}

function answer(status: number, body: object, headers: Readonly<Record<string, string>> = {}): PurgeAnswer {
  return {
    status,
    headers: { ...headers, 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
    body: `${JSON.stringify(body)}\n`,
  };
}
