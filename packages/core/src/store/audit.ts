/**
 * The audit of a tree: every entry that is not as a fill, a move or a purge leaves it. It only looks, streams what it
 * finds, and holds nothing against a page that is being stored at the moment.
 */
import type { Place } from '../contracts.ts';
import { decodeMeta, fittingMeta, META_LIMIT } from '../entry/meta.ts';
import { type Area, fileIn, pathsIn } from './area.ts';
import type { Fills } from './fills.ts';
import type { Fault, Finding } from './findings.ts';
import { type Io, ignoring, lookAt } from './io.ts';
import { auditInternal, auditLeftovers } from './leftovers.ts';
import { Losses } from './losses.ts';
import { type JudgeMode, modesOf } from './modes.ts';
import { readMeta } from './read.ts';
import { settled } from './settled.ts';
import { isOfTime, META_SUFFIX, metaOf, suffixes, type TreePaths } from './tree.ts';
import { entriesBelow } from './walk.ts';

/** What the audit must know of the tree. */
export interface AuditContext {
  readonly io: Io;
  readonly tree: TreePaths;
  readonly fills: Fills;
  readonly fileMode: number;
  readonly dirMode: number;
  /** The public area first. */
  readonly areas: readonly [shown: Area, hidden: Area];
  placeOf(key: string): Place | undefined;
  /** Whether pages of a key are of a type that gets variants. */
  shrinks(key: string): boolean;
  /** The rule of the manifest about `Cache-Control` for a key. */
  cacheControlOf(key: string): string | undefined;
}

/** What to look for. */
export interface AuditHow {
  /**
   * Name the public pages whose headers a front-end server would not send, too, and variants that are gone: their page is
   * whole without. @default false
   */
  readonly losses?: boolean;
}

/** Every wrong entry of a tree. */
export async function* audit(context: AuditContext, how: AuditHow = {}): AsyncGenerator<Finding> {
  const isRightMode = await modesOf(context.io, context.tree);
  const losses = how.losses === true ? new Losses(context) : undefined;
  const auditing: Auditing = { ...context, isRightMode, losses };
  for (const area of context.areas) yield* auditPages(auditing, area);
  for (const area of context.areas) yield* auditMeta(auditing, area);
  yield* auditInternal(context);
  yield* auditLeftovers(context);
  if (losses) yield* losses.rest();
}

/** One audit, and what it learnt of the file system. */
interface Auditing extends AuditContext {
  readonly isRightMode: JudgeMode;
  /** What looks for losses, if asked to. */
  readonly losses: Losses | undefined;
}

async function* auditPages(context: Auditing, area: Area): AsyncGenerator<Finding> {
  let before = '';
  for await (const { path, kind } of entriesBelow(context.io, area.tree)) {
    if (kind === 'folder') {
      // What is in a folder comes just before it. An empty one may be made at the moment, and gets its mode next.
      if (before.startsWith(`${path}/`) && (await isWrongFolder(context, fileIn(area, path))))
        yield { fault: 'wrong-mode', path: area.pagesAt + path, key: undefined };
      before = path;
      continue;
    }
    before = path;
    const fault =
      kind === 'file' ? await judgeFile(context, area, path) : await judgeOther(context, area, path);
    const key = area.keyAt(bodyOf(path));
    if (fault) yield { fault, path: area.pagesAt + path, key };
    else if (context.losses && key !== undefined && path === bodyOf(path))
      yield* context.losses.of({ area, path, key });
  }
}

async function isWrongFolder({ io, isRightMode, dirMode }: Auditing, path: string): Promise<boolean> {
  const facts = await lookAt(io, path);
  return facts?.kind === 'folder' && !isRightMode(facts.mode, dirMode);
}

async function judgeOther({ io }: AuditContext, area: Area, path: string): Promise<Fault | undefined> {
  const facts = await lookAt(io, fileIn(area, path));
  return facts && (facts.isLink === true ? 'link' : 'special');
}

function bodyOf(path: string): string {
  const suffix = suffixes.find((one) => path.endsWith(one));
  return suffix === undefined ? path : path.slice(0, -suffix.length);
}

async function judgeFile(context: Auditing, area: Area, path: string): Promise<Fault | undefined> {
  const { io, fileMode, isRightMode } = context;
  const body = bodyOf(path);
  const key = area.keyAt(body);
  if (key === undefined) return 'unmapped-name';
  const facts = await lookAt(io, fileIn(area, path));
  if (!facts) return undefined;
  if (path === body) {
    if (facts.size === 0) return 'empty-page';
    if (!area.isRightPlace(key, path)) return 'conflict';
    const judge = (): Promise<Fault | undefined> => judgeHidden(context, path, key);
    if (area.isHidden && (await judge())) return settled(context, key, judge);
  } else {
    // `site.tar.gz` is nobody's variant but a file that somebody put there.
    if (!area.isHidden && !context.shrinks(key) && !(await lookAt(io, fileIn(area, body))))
      return 'unmapped-name';
    const judge = (): Promise<Fault | undefined> => judgeVariant(context, area, path, body);
    if (await judge()) return settled(context, key, judge);
  }
  return isRightMode(facts.mode, fileMode) ? undefined : 'wrong-mode';
}

/** What is wrong with a page for the middleware alone. */
export async function judgeHidden(
  { io, areas: [shown, hidden], placeOf }: Pick<AuditContext, 'io' | 'areas' | 'placeOf'>,
  path: string,
  key: string,
): Promise<Fault | undefined> {
  const facts = await lookAt(io, fileIn(hidden, path));
  const place = placeOf(key);
  if (!facts || place === undefined) return undefined;
  for (const other of pathsIn(shown, place)) {
    const there = await lookAt(io, fileIn(shown, other));
    if (there?.kind === 'file' && there.size > 0) return 'shadowed';
  }
  const meta = await readMeta(io, hidden.tree, key, { ...facts, path });
  return meta?.contentType === undefined && (await lookAt(io, fileIn(hidden, path)))
    ? 'lost-type'
    : undefined;
}

async function judgeVariant(
  { io }: AuditContext,
  area: Area,
  path: string,
  body: string,
): Promise<Fault | undefined> {
  const variant = await lookAt(io, fileIn(area, path));
  if (!variant) return undefined;
  const page = await lookAt(io, fileIn(area, body));
  if (page?.kind !== 'file') return 'orphan-variant';
  return isOfTime(variant, page) ? undefined : 'stale-variant';
}

async function* auditMeta(context: Auditing, area: Area): AsyncGenerator<Finding> {
  const { tree } = area;
  for await (const { path, kind } of entriesBelow(context.io, tree, '', tree.meta)) {
    if (kind === 'folder') continue;
    const shown = area.metaAt + path;
    const body = path.endsWith(META_SUFFIX) ? path.slice(0, -META_SUFFIX.length) : undefined;
    const key = body === undefined ? undefined : area.keyAt(body);
    if (body === undefined || key === undefined) {
      yield { fault: 'unmapped-name', path: shown, key };
      continue;
    }
    const judge = (): Promise<Fault | undefined> => judgeMeta(context.io, area, body, key);
    const fault = (await judge()) ? await settled(context, key, judge) : await judgeMode(context, area, path);
    if (fault) yield { fault, path: shown, key };
  }
}

/** Who may write meta says with which headers a page is served. */
async function judgeMode(
  { io, fileMode, isRightMode }: Auditing,
  area: Area,
  path: string,
): Promise<Fault | undefined> {
  const facts = await lookAt(io, `${area.tree.meta}/${path}`);
  return facts === undefined || isRightMode(facts.mode, fileMode) ? undefined : 'wrong-mode';
}

/** What is wrong with the meta of a body. */
export async function judgeMeta(io: Io, area: Area, body: string, key: string): Promise<Fault | undefined> {
  const path = metaOf(area.tree, body);
  if (!(await lookAt(io, path))) return undefined;
  const page = await lookAt(io, fileIn(area, body));
  if (page?.kind !== 'file') return 'orphan-meta';
  let text = '';
  await ignoring(['ENOENT', 'ELOOP'], async () => {
    const fd = await io.openRead(path);
    try {
      text = (await io.read(fd, META_LIMIT)).toString('utf8');
    } finally {
      await io.close(fd);
    }
  });
  return fittingMeta(decodeMeta(text), key, page) ? undefined : 'misfit-meta';
}
