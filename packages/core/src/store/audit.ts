/**
 * The audit of a tree: every entry that is not as a fill, a move or a purge leaves it. It only looks, streams what it
 * finds, and holds nothing against a page that is being stored at the moment.
 */
import { decodeMeta, fits, META_LIMIT } from '../entry/meta.ts';
import type { Fills } from './fills.ts';
import { type Entry, foundEntries, type Io, ignoring, lookAt } from './io.ts';
import { fileTime } from './time.ts';
import { fileOf, isOfTime, META_SUFFIX, metaOf, suffixes, type TreePaths } from './tree.ts';
import { entriesBelow } from './walk.ts';

/** What can be wrong with an entry. */
export const faults = {
  'empty-page': 'A page of no bytes: it is a miss for us and a blank page for a web server.',
  'wrong-mode': 'A web server that runs as another user may not read it.',
  'orphan-variant': 'A compressed variant whose page is gone.',
  'stale-variant': 'A compressed variant of another version of its page.',
  'orphan-meta': 'Meta whose page is gone.',
  'misfit-meta': 'Meta of another version of its page, or damaged: it is ignored.',
  link: 'A symbolic link: it is not served as a page, and nothing is written or purged through it.',
  special: 'Neither a file nor a folder.',
  'unmapped-name': 'A name that no request leads to.',
  conflict: 'A page in the place of a folder’s page, though its type may not be moved there.',
  'dead-fill': 'What a process that is gone left of a page it was storing.',
  trash: 'What a purge that was killed left to delete.',
} as const satisfies Record<string, string>;

/** The name of a fault. */
export type Fault = keyof typeof faults;

/** One wrong entry. */
export interface Finding {
  readonly fault: Fault;
  /** Relative to the tree. It may hold any byte that a file name can: make it safe before it is printed. */
  readonly path: string;
  /** The key of the page it belongs to, where there is one. */
  readonly key: string | undefined;
}

/** What the audit must know of the tree. */
export interface AuditContext {
  readonly io: Io;
  readonly tree: TreePaths;
  readonly fills: Fills;
  readonly fileMode: number;
  keyAt(path: string): string | undefined;
  /** The page at this path may be there: its key has this place, and a page that moved in has a type that may. */
  isRightPlace(key: string, path: string): boolean;
}

/** Every wrong entry of a tree. */
export async function* audit(context: AuditContext): AsyncGenerator<Finding> {
  yield* auditPages(context);
  yield* auditMeta(context);
  yield* auditLeftovers(context);
}

async function* auditPages(context: AuditContext): AsyncGenerator<Finding> {
  for await (const { path, kind } of entriesBelow(context.io, context.tree)) {
    const fault =
      kind === 'file'
        ? await judgeFile(context, path)
        : kind === 'other'
          ? await judgeOther(context, path)
          : undefined;
    if (fault) yield { fault, path, key: context.keyAt(bodyOf(path)) };
  }
}

async function judgeOther({ io, tree }: AuditContext, path: string): Promise<Fault | undefined> {
  const facts = await lookAt(io, fileOf(tree, path));
  return facts && (facts.isLink === true ? 'link' : 'special');
}

function bodyOf(path: string): string {
  const suffix = suffixes.find((one) => path.endsWith(one));
  return suffix === undefined ? path : path.slice(0, -suffix.length);
}

async function judgeFile(context: AuditContext, path: string): Promise<Fault | undefined> {
  const { io, tree, keyAt, fileMode } = context;
  const body = bodyOf(path);
  const key = keyAt(body);
  if (key === undefined) return 'unmapped-name';
  const facts = await lookAt(io, fileOf(tree, path));
  if (!facts) return undefined;
  if (path === body) {
    if (facts.size === 0) return 'empty-page';
    if (!context.isRightPlace(key, path)) return 'conflict';
  } else {
    const fault = await judgeVariant(context, path, body);
    if (fault) return (await settled(context, key, () => judgeVariant(context, path, body))) ?? undefined;
  }
  return (facts.mode & fileMode) === fileMode ? undefined : 'wrong-mode';
}

async function judgeVariant(
  { io, tree }: AuditContext,
  path: string,
  body: string,
): Promise<Fault | undefined> {
  const variant = await lookAt(io, fileOf(tree, path));
  if (!variant) return undefined;
  const page = await lookAt(io, fileOf(tree, body));
  if (page?.kind !== 'file') return 'orphan-variant';
  return isOfTime(variant, page) ? undefined : 'stale-variant';
}

async function* auditMeta(context: AuditContext): AsyncGenerator<Finding> {
  const { io, tree, keyAt } = context;
  for await (const { path, kind } of entriesBelow(io, tree, '', tree.meta)) {
    if (kind === 'folder') continue;
    const shown = `.pagetree/meta/${path}`;
    const body = path.endsWith(META_SUFFIX) ? path.slice(0, -META_SUFFIX.length) : undefined;
    const key = body === undefined ? undefined : keyAt(body);
    if (body === undefined || key === undefined) {
      yield { fault: 'unmapped-name', path: shown, key };
      continue;
    }
    if (!(await judgeMeta(context, body, key))) continue;
    const fault = await settled(context, key, () => judgeMeta(context, body, key));
    if (fault) yield { fault, path: shown, key };
  }
}

/** What is wrong with the meta of a body. */
export async function judgeMeta(
  { io, tree }: Pick<AuditContext, 'io' | 'tree'>,
  body: string,
  key: string,
): Promise<Fault | undefined> {
  const path = metaOf(tree, body);
  if (!(await lookAt(io, path))) return undefined;
  const page = await lookAt(io, fileOf(tree, body));
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
  const meta = decodeMeta(text);
  return meta && fits(meta, key, page) ? undefined : 'misfit-meta';
}

/** A page that is being stored is between two states, so its faults count only when it is left alone and looked at again. */
async function settled(
  { fills }: AuditContext,
  key: string,
  judge: () => Promise<Fault | undefined>,
): Promise<Fault | undefined> {
  return (await fills.isBusy(key)) ? undefined : judge();
}

async function* auditLeftovers({ io, tree, fills }: AuditContext): AsyncGenerator<Finding> {
  for await (const { name } of foundEntries(io, tree.fills)) {
    const path = `${tree.fills}/${name}`;
    const before = await lookAt(io, path);
    // A fill that ended meanwhile, or began, is not one that was left.
    if (
      before &&
      (await fills.stateOf(path)) === 'abandoned' &&
      (await lookAt(io, path))?.ctimeMs === before.ctimeMs
    ) {
      yield { fault: 'dead-fill', path: `.pagetree/fills/${name}`, key: undefined };
    }
  }
  for await (const entry of oldTrash(io, tree, fills)) {
    yield { fault: 'trash', path: `.pagetree/trash/${entry.name}`, key: undefined };
  }
}

/** What lies in the trash for longer than any purge takes. */
export async function* oldTrash(io: Io, tree: TreePaths, fills: Fills): AsyncGenerator<Entry> {
  const now = await fileTime(io, tree);
  for await (const entry of foundEntries(io, tree.trash)) {
    const facts = await lookAt(io, `${tree.trash}/${entry.name}`);
    if (facts && now - facts.ctimeMs > fills.timeout) yield entry;
  }
}
