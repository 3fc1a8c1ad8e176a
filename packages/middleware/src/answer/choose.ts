/** Chooses the body of a hit, and reads a small one. */
import { randomBytes } from 'node:crypto';
import { chooseCoding, type Page, type PageBody, type PageRequest } from '@pagetree/core';
import { slices } from './cut.ts';
import { type Plan, SMALL } from './plan.ts';

/** Separates the parts of several ranges. By chance, so that nobody can write a page that has it. */
export function newBoundary(): string {
  return randomBytes(10).toString('hex');
}

/** The best body that is there: a variant may be gone, or not be made yet. */
export async function chooseBody({ headers }: PageRequest, page: Page): Promise<PageBody | undefined> {
  const accepted = headers['accept-encoding'];
  for (const coding of chooseCoding(typeof accepted === 'string' ? accepted : undefined, page.codings)) {
    const body = await page.body(coding === 'identity' ? undefined : coding);
    if (body !== undefined) return body;
  }
  return undefined;
}

/** Whether an answer has a head and nothing else. */
export function isBodiless({ method }: PageRequest, { pieces }: Plan): boolean {
  return method === 'HEAD' || pieces.length === 0;
}

/** Reads a small body before the head is sent: when that fails, the application can answer. */
export async function readSmall(
  request: PageRequest,
  body: PageBody,
  plan: Plan,
): Promise<Buffer | undefined> {
  if (isBodiless(request, plan) || body.size > SMALL) return undefined;
  return slices(await body.bytes(), plan.pieces);
}
