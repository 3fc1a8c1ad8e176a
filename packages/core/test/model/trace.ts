/** Words the file calls of a real process as the programs of the model do. */
import { readFillName } from '../../src/store/owner.ts';
import { fillFolderOf, hashOf, treePaths } from '../../src/store/tree.ts';
import { bitOf, type Part, parts } from './state.ts';

const tree = treePaths('/t');
const folder = fillFolderOf(tree, hashOf('/k'));
const page = `${tree.root}/k`;
const meta = `${tree.meta}/k.pagetree`;

/** What a file call means. */
export interface Told {
  /** As a step of the model has it; none for a call on what nobody else looks at. */
  readonly label: string | undefined;
  /** It changes nothing, so a model may do without it. */
  readonly isLook: boolean;
  /** The file, where the model leaves the order open. */
  readonly hint?: { readonly bit: number };
  /** Which way of several. */
  readonly way?: 'page' | 'variant';
}

const looks = ['openRead', 'read', 'fstat', 'lstat', 'peek', 'realpath', 'names', 'entries'];
/** On open files, and flushes. */
const unseen = ['write', 'close', 'fdatasync', 'fchmod', 'syncFolder', 'chmod'];

/** Whose a part is, and which. Who stores one page takes a permission a second time only to tidy up. */
export function partAt(path: string): { actor: number; part: Part } | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const maker = readFillName(name);
  const part = parts.find((one) => name.endsWith(`.${one}`));
  if (!maker || !part) return undefined;
  const isSecond = part === 'body' && !name.includes('-1@');
  return { actor: maker.owner.pid - 1, part: isSecond ? 'idle' : part };
}

/** Says what a call is, to who makes it. */
export function tell(call: string, me: number): Told {
  const [name, from = '', to = ''] = call.split(' ') as [string, string?, string?];
  if (!name || unseen.includes(name)) return { label: undefined, isLook: true };
  if (name === 'render' || call === 'purge is called')
    return { label: name === 'render' ? name : call, isLook: false };
  if (name === 'begins') return { label: undefined, isLook: true };
  if (looks.includes(name)) return { isLook: true, label: labelOfLook(name, from) };
  const told = name === 'rename' ? toldOfRename(from, to) : toldOfChange(name, from, me);
  if (told === undefined) throw new Error(`the model knows nothing of: ${call}`);
  return { isLook: false, ...told };
}

function labelOfLook(name: string, path: string): string | undefined {
  const known: Record<string, string> = {
    [page]: 'page',
    [`${page}.gz`]: 'variant',
    [meta]: 'meta',
    [folder]: 'fills',
    [tree.fills]: 'fills',
    [tree.root]: 'root',
    [tree.tags]: 'tags',
  };
  if (path.startsWith(`${folder}/`)) return `${name} part`;
  if (path.startsWith(`${tree.tags}/`)) return `${name} ${path.endsWith('.list') ? 'list' : 'taken'}`;
  return path in known ? `${name} ${known[path]}` : undefined;
}

function toldOfRename(from: string, to: string): Omit<Told, 'isLook'> | undefined {
  const part = from.startsWith(`${folder}/`) ? partAt(from)?.part : undefined;
  const target = { [page]: 'body', [`${page}.gz`]: 'gz', [meta]: 'meta' }[to];
  if (part !== undefined && part === target) return { label: `rename ${part}` };
  if (from === tree.meta) return { label: 'rename meta folder' };
  // That of hidden pages, of which there are none.
  if (from === `${tree.internal}/private/meta`) return { label: undefined };
  if (from === page && to.startsWith(tree.trash)) return { label: 'rename to grave', way: 'page' };
  if (from === `${page}.gz` && to.startsWith(tree.trash)) return { label: 'rename to grave', way: 'variant' };
  return from.startsWith(tree.tags) && from.endsWith('.list') ? { label: 'rename list' } : undefined;
}

function toldOfChange(name: string, path: string, me: number): Omit<Told, 'isLook'> | undefined {
  const found = path.startsWith(`${folder}/`) ? partAt(path) : undefined;
  // Somebody else's: the permission is taken away.
  if (found && found.actor !== me)
    return { label: `${name} in fills`, hint: { bit: bitOf(found.actor, found.part) } };
  if (found) return { label: name === 'unlink' ? `unlink ${found.part} part` : `${name} ${found.part}` };
  const known: Record<string, string> = {
    [`unlink ${page}`]: 'unlink page',
    [`unlink ${page}.gz`]: 'unlink variant',
    [`unlink ${meta}`]: 'unlink meta',
    [`mkdir ${tree.meta}`]: 'mkdir meta',
  };
  const label = known[`${name} ${path}`];
  if (label !== undefined) return { label };
  if (path.startsWith(`${tree.trash}/`)) return { label: undefined };
  if (path.startsWith(`${tree.fills}/`)) return { label: undefined };
  if (path.startsWith(`${tree.tags}/`)) return { label: name === 'append' ? 'append list' : `${name} taken` };
  // The other file that the page may live in, where it never is here.
  const isOther = path.startsWith(`${page}/`) || path.startsWith(`${tree.meta}/k/`);
  return isOther || [page, `${tree.meta}/k`, tree.trash].includes(path) ? { label: undefined } : undefined;
}
