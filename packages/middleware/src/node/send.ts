/** Answers a hit on a Node response. */
import { randomBytes } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { chooseCoding, type Page, type PageBody, type PageRequest } from '@pagetree/core';
import { slices, streamed } from '../answer/cut.ts';
import { type Plan, planAnswer, SMALL } from '../answer/plan.ts';
import { writeFields } from './fields.ts';
import type { Response } from './types.ts';

/**
 * Sends the page. `false`: it could not be read and nothing was sent, so that the application may still
 * answer. Once the head is out, a page that can't be read to its end takes the connection with it: a client
 * must never take a part for the whole (RFC 9112, 8). The page is closed in any case.
 *
 * @throws what the file system said, under the same condition as `false`.
 */
export async function send(request: PageRequest, res: Response, page: Page): Promise<boolean> {
  try {
    const body = await chooseBody(request, page);
    if (body === undefined) return false;
    const plan = planAnswer(request, page, body, randomBytes(10).toString('hex'));
    const bytes = await readSmall(request, body, plan);
    // The client, or middleware above us with a timeout, did not wait.
    if (res.headersSent || res.destroyed) return true;
    writeFields(res, plan.status, plan.fields);
    if (bytes !== undefined) {
      res.end(bytes);
    } else if (plan.pieces.length === 0 || request.method === 'HEAD') {
      res.end();
    } else {
      // It fails when the client leaves, and it destroys the response when the page can't be read: both are all there is to do.
      await pipeline(streamed(body, plan.pieces), res).catch(() => {});
    }
    return true;
  } finally {
    await page.close();
  }
}

/** The best body that is there: a variant may be gone, or not be made yet. */
async function chooseBody({ headers }: PageRequest, page: Page): Promise<PageBody | undefined> {
  const accepted = headers['accept-encoding'];
  for (const coding of chooseCoding(typeof accepted === 'string' ? accepted : undefined, page.codings)) {
    const body = await page.body(coding === 'identity' ? undefined : coding);
    if (body !== undefined) return body;
  }
  return undefined;
}

/** Reads a small body before the head is sent: when that fails, the application can answer. */
async function readSmall({ method }: PageRequest, body: PageBody, plan: Plan): Promise<Buffer | undefined> {
  if (method === 'HEAD' || plan.pieces.length === 0 || body.size > SMALL) return undefined;
  return slices(await body.bytes(), plan.pieces);
}
