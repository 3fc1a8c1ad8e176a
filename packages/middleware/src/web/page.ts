/** Makes the answer of a hit. */
import type { MemoryHit, Page, PageRequest } from '@pagetree/core';
import { chooseBody, isBodiless, newBoundary, readSmall } from '../answer/choose.ts';
import { slices, streamed } from '../answer/cut.ts';
import { type Fields, type Plan, planAnswer } from '../answer/plan.ts';
import { isUnconditional, makeReady, type Ready } from '../answer/ready.ts';
import { cacheStatus } from '../cache-status.ts';
import type { Answer, FieldRecord, HitBody } from './types.ts';

/** The fields of a hit as a record; `undefined` when a name comes twice. */
export function recordOf(fields: Fields): FieldRecord | undefined {
  const all: Fields = [...fields, ['Cache-Status', cacheStatus({ kind: 'hit' })]];
  const record = Object.fromEntries(all);
  return Object.keys(record).length === all.length ? Object.freeze(record) : undefined;
}

/** The response of a hit that nobody above has added to. */
export function plainResponse({ status, fields, body, record }: Answer): Response {
  if (record) return new Response(body, { status, headers: record });
  const headers = new Headers();
  for (const [name, value] of fields) headers.append(name, value);
  headers.append('Cache-Status', cacheStatus({ kind: 'hit' }));
  return new Response(body, { status, headers });
}

/** The heads of a body in memory, with a record of the one that most clients get. */
export interface WebReady extends Ready {
  readonly record: FieldRecord | undefined;
}

/** Makes the heads of a body in memory. */
export function makeWebReady(hit: MemoryHit): WebReady {
  const ready = makeReady(hit);
  return { ...ready, record: recordOf(ready.whole.fields) };
}

/** Called for the bodies that nobody reads, once nobody can. */
export type Forgotten = FinalizationRegistry<() => void>;

/**
 * Answers from a file. `undefined`: it could not be read, and the application may still answer. The page is closed when
 * its body was read or cancelled.
 *
 * @throws what the file system said, with the same meaning as `undefined`.
 */
export async function answerPage(
  request: PageRequest,
  page: Page,
  forgotten: Forgotten,
): Promise<Answer | undefined> {
  let body: HitBody = null;
  try {
    const chosen = await chooseBody(request, page);
    if (chosen === undefined) return undefined;
    const plan = planAnswer(request, page, chosen, newBoundary());
    if (!isBodiless(request, plan)) {
      body = (await readSmall(request, chosen, plan)) ?? pageStream(page, streamed(chosen, plan.pieces));
      if (!Buffer.isBuffer(body)) forgotten.register(body, () => void page.close());
    }
    return answer(plan, body);
  } finally {
    if (body === null || Buffer.isBuffer(body)) await page.close();
  }
}

/** Answers from memory, without waiting. */
export function answerMemory(request: PageRequest, { page, body }: MemoryHit, ready: WebReady): Answer {
  const isHead = request.method === 'HEAD';
  if (isUnconditional(request)) {
    const { whole, record } = ready;
    return { status: 200, fields: whole.fields, body: isHead ? null : body.bytes, record };
  }
  const boundary = request.headers.range === undefined ? '' : newBoundary();
  const plan = planAnswer(request, page, body, boundary, ready.common);
  return answer(plan, isBodiless(request, plan) ? null : slices(body.bytes, plan.pieces));
}

function answer({ status, fields }: Plan, body: HitBody): Answer {
  return { status, fields, body, record: recordOf(fields) };
}

/**
 * Streams a page at the client's pace. A page that can't be read to its end fails the stream, and the server ends the
 * connection: a client must never take a part for the whole (RFC 9112, 8).
 */
function pageStream(page: Page, chunks: AsyncGenerator<Buffer>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await chunks.next();
          if (!done) {
            controller.enqueue(value);
            return;
          }
        } catch (error) {
          await page.close();
          throw error;
        }
        controller.close();
        await page.close();
      },
      async cancel() {
        await chunks.return(undefined);
        await page.close();
      },
    },
    { highWaterMark: 0 },
  );
}
