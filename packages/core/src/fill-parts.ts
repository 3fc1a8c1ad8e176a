/** Makes what is published beside the body of a page: variants, the lists of its tags, meta. */
import type { Place } from './contracts.ts';
import { encodeMeta } from './entry/meta.ts';
import type { FillContext, Judged } from './fill-context.ts';
import type { Permission } from './store/announce.ts';
import { makeVariants, seal, writePart } from './store/parts.ts';

/**
 * The modification time of a page: what the application said, else now. Its whole seconds are what validators are
 * made of; the fraction is by chance, so that two versions of one second are still told apart.
 */
function chooseTime(lastModified: number | undefined, now: number): number {
  const at = lastModified === undefined || lastModified < 0 ? now : Math.min(lastModified, now);
  return Math.floor(at / 1000) * 1000 + 1 + Math.floor(Math.random() * 998_000) / 1000;
}

/** The body that a permission has, whole. */
export interface WrittenBody {
  readonly size: number;
  /** Its bytes, when it was written at once: then it need not be read back. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * Makes everything that is published beside the body, in the folder of the fill.
 *
 * @param meta the file that meta is written to.
 * @param made fills up as the variants are.
 * @throws the error of the file system.
 */
export async function makePartsBeside(
  context: FillContext,
  permission: Permission,
  place: Place,
  judged: Judged,
  written: WrittenBody,
  meta: string,
  made: Map<string, string>,
): Promise<void> {
  const { tags, by, now } = context;
  const { headers, hiddenAs, cacheControl, etag, tags: tagged, variants, askedAt } = judged;
  const { key } = place;
  const { size } = written;
  const mtimeMs = chooseTime(judged.lastModified, now());
  await makeVariants(context, permission, { ...written, mtimeMs }, variants, made);
  if (tagged.length > 0) await tags.add(tagged, key);
  const before = await context.standing(place, hiddenAs !== undefined);
  const text = encodeMeta({
    key,
    // What changed while the application rendered is perhaps not in the page: it is no newer than that.
    storedAt: askedAt,
    by,
    headers,
    ...(hiddenAs === undefined ? {} : { contentType: hiddenAs.full }),
    ...(cacheControl === undefined ? {} : { cacheControl }),
    ...(etag === undefined ? {} : { etag }),
    ...(tagged.length === 0 ? {} : { tags: tagged }),
    ...(made.size === 0 ? {} : { variants: [...made.keys()] }),
    size,
    mtimeMs,
    ...(before === undefined ? {} : { before }),
  });
  // Meta that a power cut damaged is ignored, so nobody waits for the disk here.
  await writePart(context, meta, Buffer.from(text), false);
  await seal(context, permission, mtimeMs);
}
