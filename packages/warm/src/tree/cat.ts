import {
  type Coding,
  isCompressible,
  type Page,
  type PageBody,
  type PageCache,
  validatorsOf,
} from '@pagetree/core';
import { exitCodes } from '../commands/exit-codes.ts';
import { wrongValue } from '../config/values.ts';
import { planPurge } from '../plan/scopes.ts';
import { printable } from '../report/printable.ts';
import { type Around, openWithConfig, type TreeFlags } from './open.ts';
import { ownUrls } from './own-urls.ts';

/** What the command line says to `pagetree cat`. */
export interface CatFlags extends Omit<TreeFlags, 'json'> {
  readonly head: boolean;
  readonly variant?: string | undefined;
}

const codings: readonly string[] = ['gzip', 'br', 'zstd'] satisfies Coding[];

/** Prints a stored page: its bytes, or the header fields of a hit. */
export async function printPage(path: string, flags: CatFlags, around: Around): Promise<number> {
  const { variant } = flags;
  if (variant !== undefined && !codings.includes(variant)) {
    throw wrongValue('--variant', 'gzip, br or zstd', variant);
  }
  const coding = variant as Coding | undefined;
  const key = planPurge(path, false).name;
  const { cache, hosts } = await openWithConfig({ ...flags, json: false }, around, []);
  await ownUrls(async () => hosts)(path);
  const page = await storedPage(cache, key);
  if (page === undefined) return missing(around, `${key} is not stored.`);
  try {
    const body = await page.body(coding);
    if (body === undefined) return missing(around, `${key} has no ${coding} variant.`);
    if (flags.head) around.stdout.write(await headOf(page, body));
    else return await send(page, body, around);
  } finally {
    await page.close();
  }
  return exitCodes.done;
}

function missing({ stderr }: Around, text: string): number {
  stderr.write(`${text}\n`);
  return exitCodes.incomplete;
}

/** Opens a page that is there. Nobody asks the application for one that is not. */
async function storedPage(cache: PageCache, key: string): Promise<Page | undefined> {
  if ((await cache.why(key)).stored === undefined) return undefined;
  const found = await cache.lookup({ method: 'GET', target: key, headers: {} });
  if (found.kind === 'hit') return found.page;
  if (found.kind === 'miss') found.ticket?.abandon('closed');
  return undefined;
}

/** The header fields that a hit has, but for those that belong to one answer only (`Date`, `Cache-Status`). */
async function headOf(page: Page, body: PageBody): Promise<string> {
  const { etag, lastModified } = validatorsOf(body.mtimeMs, body.size);
  const varies = isCompressible(page.contentType.split(';', 1)[0]!);
  const fields: [name: string, value: string][] = [
    ['content-type', page.contentType],
    ['content-length', `${body.size}`],
    ['etag', etag],
    ['last-modified', lastModified],
    ['accept-ranges', 'bytes'],
    ['cache-control', page.cacheControl],
    ...(varies ? [['vary', 'Accept-Encoding'] as [string, string]] : []),
    ...(body.coding === 'identity' ? [] : [['content-encoding', body.coding] as [string, string]]),
    ...page.headers.map(([name, value]): [string, string] => [name, value]),
  ];
  return fields.map(([name, value]) => `${name}: ${printable(value, 8192)}\n`).join('');
}

/** A terminal obeys control characters, so it gets text only, made safe. Files and pipes get every byte. */
async function send(page: Page, body: PageBody, { stdout, stderr }: Around): Promise<number> {
  if (!stdout.isTTY) {
    for await (const chunk of body.stream() as AsyncIterable<Buffer>) {
      const gone = await new Promise<boolean>((resolve) => {
        stdout.write(chunk, (error) => resolve(error != null));
      });
      if (gone) break;
    }
    return exitCodes.done;
  }
  if (body.coding !== 'identity' || !/^text\/|[+/](json|xml|javascript)\b/.test(page.contentType)) {
    stderr.write(`This is no text for a terminal. Write it to a file: pagetree cat ${page.key} ... > page\n`);
    return exitCodes.usage;
  }
  const decoder = new TextDecoder();
  for await (const chunk of body.stream() as AsyncIterable<Buffer>) {
    stdout.write(safeText(decoder.decode(chunk, { stream: true })));
  }
  stdout.write(safeText(decoder.decode()));
  return exitCodes.done;
}

function safeText(text: string): string {
  return text.replace(/[^\t\n]+/g, (part) => printable(part.replace(/\r$/, ''), Number.POSITIVE_INFINITY));
}
