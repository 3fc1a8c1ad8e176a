/** What is in `.pagetree/` and should not be there: leftovers of processes that died, and names that nobody knows. */
import type { AuditContext } from './audit.ts';
import type { Fills } from './fills.ts';
import type { Finding } from './findings.ts';
import { type Entry, foundEntries, type Io, lookAt } from './io.ts';
import { fileTime } from './time.ts';
import { INTERNAL, type TreePaths } from './tree.ts';
import { unfinishedNotes } from './usage-files.ts';

type LeftoverContext = Pick<AuditContext, 'io' | 'tree' | 'fills'>;

/** What may stand directly in the folder that the tree keeps for itself, in `.pagetree/` and in `.pagetree/private/`. */
const internalNames: ReadonlySet<string> = new Set([
  ...['tree.json', 'token', 'meta', 'fills', 'tags', 'usage', 'private', 'journal', 'counters', 'trash'],
]);
const hiddenNames: ReadonlySet<string> = new Set(['pages', 'meta']);

/** What has nothing to do in the folder that the tree keeps for itself. */
export async function* auditInternal({ io, tree, fills }: LeftoverContext): AsyncGenerator<Finding> {
  for await (const { name } of foundEntries(io, tree.internal)) {
    if (internalNames.has(name)) continue;
    const path = `${INTERNAL}/${name}`;
    if (!isUnlinked(name)) yield { fault: 'unmapped-name', path, key: undefined };
    else if (await isOld(io, tree, fills, `${tree.internal}/${name}`))
      yield { fault: 'leftover', path, key: undefined };
  }
  for await (const { name } of foundEntries(io, tree.hidden)) {
    if (!hiddenNames.has(name))
      yield { fault: 'unmapped-name', path: `${INTERNAL}/private/${name}`, key: undefined };
  }
}

/** Whether a name is that of a file which `writeOnce` writes before it has its own. */
export function isUnlinked(name: string): boolean {
  return name.startsWith('new.');
}

/** Whether something lies there for longer than anybody needs it. */
export async function isOld(io: Io, tree: TreePaths, fills: Fills, path: string): Promise<boolean> {
  const facts = await lookAt(io, path);
  return facts !== undefined && (await fileTime(io, tree)) - facts.ctimeMs > fills.timeout;
}

/** What fills and purges left whose process is gone. */
export async function* auditLeftovers({ io, tree, fills }: LeftoverContext): AsyncGenerator<Finding> {
  for await (const { path, key } of fills.abandoned()) {
    yield { fault: 'dead-fill', path: `.pagetree/fills/${path}`, key };
  }
  for await (const entry of oldTrash(io, tree, fills)) {
    yield { fault: 'trash', path: `.pagetree/trash/${entry.name}`, key: undefined };
  }
  for await (const path of unfinishedNotes(io, tree, fills.timeout)) {
    yield { fault: 'leftover', path: `.pagetree/${path}`, key: undefined };
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
