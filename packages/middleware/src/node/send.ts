/** Answers a hit on a Node response. */
import { pipeline } from 'node:stream/promises';
import type { MemoryHit, Page, PageRequest } from '@pagetree/core';
import { chooseBody, isBodiless, newBoundary, readSmall } from '../answer/choose.ts';
import { slices, streamed } from '../answer/cut.ts';
import { planAnswer } from '../answer/plan.ts';
import { isUnconditional, readyOf } from '../answer/ready.ts';
import { writeFields } from './fields.ts';
import type { Reply, Response } from './types.ts';

/**
 * Sends the page. `false`: it could not be read and nothing was sent, so that the application may still
 * answer. Once the head is out, a page that can't be read to its end takes the connection with it: a client
 * must never take a part for the whole (RFC 9112, 8). The page is closed in any case.
 *
 * @throws what the file system said, under the same condition as `false`.
 */
export async function send(
  request: PageRequest,
  res: Response,
  page: Page,
  reply: Reply = onResponse,
): Promise<boolean> {
  try {
    const body = await chooseBody(request, page);
    if (body === undefined) return false;
    const plan = planAnswer(request, page, body, newBoundary());
    const bytes = await readSmall(request, body, plan);
    const streams = bytes === undefined && !isBodiless(request, plan);
    await reply(res, plan.status, plan.fields, streams ? streamed(body, plan.pieces) : bytes);
    return true;
  } finally {
    await page.close();
  }
}

/** Answers on the bare response. What it throws for a body in memory, it throws at once. */
export const onResponse: Reply = (res, status, fields, body, flat) => {
  // The client, or middleware above us with a timeout, did not wait.
  if (res.headersSent || res.destroyed) return;
  writeFields(res, status, fields, flat);
  if (body === undefined || Buffer.isBuffer(body)) {
    res.end(body);
    return;
  }
  // It fails when the client leaves, and it destroys the response when the page can't be read: both are all there is to do.
  return pipeline(body, res).catch(() => {});
};

/** Answers from memory, in this very tick. */
export function sendFromMemory(
  request: PageRequest,
  res: Response,
  hit: MemoryHit,
  reply: Reply = onResponse,
): void {
  const { bytes, whole, notModified, common } = readyOf(hit);
  if (isUnconditional(request)) {
    void reply(res, 200, whole.fields, request.method === 'HEAD' ? undefined : bytes, whole.flat);
    return;
  }
  // Nobody knows a boundary before it is needed, and making one takes longer than the answer.
  const boundary = request.headers.range === undefined ? '' : newBoundary();
  const plan = planAnswer(request, hit.page, hit.body, boundary, common);
  const body = isBodiless(request, plan) ? undefined : slices(bytes, plan.pieces);
  void reply(res, plan.status, plan.fields, body, plan.status === 304 ? notModified.flat : undefined);
}
