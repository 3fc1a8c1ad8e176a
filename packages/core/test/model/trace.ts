/** Words the file calls of a real process as the programs of the model do. */
import { readFillName } from '../../src/store/owner.ts';
import { fillFolderOf, hashOf, treePaths } from '../../src/store/tree.ts';
import { bitOf, type Part, parts } from './state.ts';

const tree = treePaths('/t');
/** The key, and the one of a page below it that is filled in the same folder. */
export const KEY = '/k';
export const BELOW = '/k/xe';
const folder = fillFolderOf(tree, hashOf(KEY));
const page = `${tree.root}/k`;
const meta = `${tree.meta}/k.pagetree`;
const inner = `${page}/__page.html`;
const innerMeta = `${tree.meta}/k/__page.html.pagetree`;
const below = `${tree.root}${BELOW}`;
const belowMeta = `${tree.meta}${BELOW}.pagetree`;

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

/** Names of locks whose makers only tidy up. */
export type Idle = Set<string>;

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Whose a part is, and which. */
export function partAt(path: string, idle: Idle): { actor: number; part: Part } | undefined {
  const name = nameOf(path);
  const maker = readFillName(name);
  if (!maker) return undefined;
  const actor = maker.owner.pid - 1;
  if (name.startsWith(`${hashOf(BELOW)}.`))
    return name.endsWith('-1@%2Fk%2Fxe.body') ? { actor, part: 'below' } : undefined;
  const part = parts.find((one) => name.endsWith(`.${one}`));
  if (!part || !name.startsWith(`${hashOf(KEY)}.`)) return undefined;
  return { actor, part: part === 'lock' && idle.has(name) ? 'idle' : part };
}

/** The name of the lock of the page that a call makes. */
export function lockOf(call: string): string | undefined {
  const [name, path = ''] = call.split(' ');
  return name === 'create' && path.endsWith('@%2Fk.lock') ? nameOf(path) : undefined;
}

/** Says what a call is, to who makes it. */
export function tell(call: string, me: number, idle: Idle): Told {
  const [name, from = '', to = ''] = call.split(' ') as [string, string?, string?];
  if (!name || unseen.includes(name)) return { label: undefined, isLook: true };
  if (call === 'purge is called') return { label: call, isLook: false };
  if (name === 'render') return { label: from === KEY ? name : undefined, isLook: from !== KEY };
  if (name === 'begins') return { label: undefined, isLook: true };
  if (looks.includes(name)) return { isLook: true, label: labelOfLook(name, from, idle) };
  const told =
    name === 'rename' || name === 'link'
      ? toldOfMove(name, from, to, idle)
      : toldOfChange(name, from, me, idle);
  if (told === undefined) throw new Error(`the model knows nothing of: ${call}`);
  return { isLook: false, ...told };
}

/** What is at the places, and what the model calls it. */
const places: Readonly<Record<string, string>> = {
  [page]: 'page',
  [`${page}.gz`]: 'variant',
  [meta]: 'meta',
  [inner]: 'inner page',
  [`${inner}.gz`]: 'inner variant',
  [innerMeta]: 'inner meta',
  [below]: 'below',
  [belowMeta]: 'below meta',
};

function labelOfLook(name: string, path: string, idle: Idle): string | undefined {
  const known: Record<string, string> = {
    ...places,
    [folder]: 'fills',
    [tree.fills]: 'fills',
    [tree.root]: 'root',
    [`${tree.meta}/k`]: 'metas',
    [tree.tags]: 'tags',
  };
  if (path.startsWith(`${folder}/`)) {
    const part = partAt(path, idle)?.part;
    return part && `${name} ${part === 'below' ? part : 'part'}`;
  }
  if (path.startsWith(`${tree.tags}/`)) return `${name} ${path.endsWith('.list') ? 'list' : 'taken'}`;
  return path in known ? `${name} ${known[path]}` : undefined;
}

/** What renames and links are called, by the part that they begin or end at and the place. */
const moves: Readonly<Record<string, string>> = {
  [`rename body ${page}`]: 'rename body',
  [`rename gz ${page}.gz`]: 'rename gz',
  [`rename meta ${meta}`]: 'rename meta',
  [`rename body ${inner}`]: 'rename inner body',
  [`rename page ${inner}`]: 'rename inner page',
  [`rename gz ${inner}.gz`]: 'rename inner gz',
  [`rename meta ${innerMeta}`]: 'rename inner meta',
  [`rename ${meta} meta`]: 'rename back meta',
  [`rename ${innerMeta} meta`]: 'rename inner back meta',
  [`rename ${page}.gz gz`]: 'rename variant away',
  [`link ${meta} meta`]: 'link meta',
  [`link ${page} page`]: 'link page',
  'link meta held': 'link held',
  [`rename below ${below}`]: 'rename below',
};

function toldOfMove(name: string, from: string, to: string, idle: Idle): Omit<Told, 'isLook'> | undefined {
  const end = (path: string): string => (path.startsWith(`${folder}/`) && partAt(path, idle)?.part) || path;
  const label = moves[`${name} ${end(from)} ${end(to)}`];
  if (label !== undefined) return { label };
  if (to === belowMeta) return { label: 'rename below meta' };
  if (from === belowMeta) return { label: 'rename back below meta' };
  // Variants that are never made, and what else the page below has.
  if (/\.(br|zst)$/.test(from) || nameOf(from).startsWith(`${hashOf(BELOW)}.`)) return { label: undefined };
  if (from === tree.meta) return { label: 'rename meta folder' };
  // That of hidden pages, of which there are none.
  if (from === `${tree.internal}/private/meta`) return { label: undefined };
  if (from === page && to.startsWith(tree.trash)) return { label: 'rename to grave', way: 'page' };
  if (from === `${page}.gz` && to.startsWith(tree.trash)) return { label: 'rename to grave', way: 'variant' };
  return from.startsWith(tree.tags) && from.endsWith('.list') ? { label: 'rename list' } : undefined;
}

function toldOfChange(name: string, path: string, me: number, idle: Idle): Omit<Told, 'isLook'> | undefined {
  const found = path.startsWith(`${folder}/`) ? partAt(path, idle) : undefined;
  // Somebody else's: the permission is taken away.
  if (found && found.actor !== me)
    return { label: `${name} in fills`, hint: { bit: bitOf(found.actor, found.part) } };
  if (found) return { label: name === 'unlink' ? `unlink ${found.part} part` : `${name} ${found.part}` };
  if (path.startsWith(`${tree.fills}/`))
    return { label: path.endsWith('.purge') ? `${name} sign` : undefined };
  if (path in places && path !== belowMeta) return { label: `${name} ${places[path]}` };
  if (path === tree.meta || path === `${tree.meta}/k`)
    return { label: `${name} ${path === tree.meta ? '' : 'inner '}meta` };
  if (path.startsWith(`${tree.tags}/`)) return { label: name === 'append' ? 'append list' : `${name} taken` };
  return path === belowMeta || path === tree.trash || path.startsWith(`${tree.trash}/`)
    ? { label: undefined }
    : undefined;
}
