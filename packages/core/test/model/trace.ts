/** Words the file calls of a real process as the programs of the model do. */
import { readFillName } from '../../src/store/owner.ts';
import { fillFolderOf, treePaths } from '../../src/store/tree.ts';
import { bitOf, type Part, parts } from './state.ts';

const tree = treePaths('/t');
const folder = fillFolderOf(tree, '/k');
const page = `${tree.root}/k`;
const meta = `${tree.meta}/k.pagetree`;

/** What a file call means. */
export interface Told {
  /** As a step of the model has it; none for a call on what nobody else looks at. */
  readonly label: string | undefined;
  /** It changes nothing, so a model may do without it. */
  readonly isLook: boolean;
  /** The folder in the trash, and the file in it, where the model leaves the order open. */
  readonly hint?: { readonly folder: number; readonly bit: number };
  /** Which way of several. */
  readonly way?: 'page' | 'variant';
}

const looks = ['openRead', 'read', 'fstat', 'lstat', 'peek', 'realpath', 'names', 'entries'];
/** On open files, and flushes. */
const unseen = ['write', 'close', 'fdatasync', 'fchmod', 'syncFolder', 'chmod'];

/** Whose a part is, and which. */
function partAt(path: string): { actor: number; part: Part } | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const maker = readFillName(name);
  const part = parts.find((one) => name.endsWith(`.${one}`));
  return maker && part ? { actor: maker.owner.pid - 1, part } : undefined;
}

/** Follows the calls of one run: it remembers which folders of the trash were fills, and whose. */
export class Teller {
  readonly #graves = new Map<string, number>();

  /** `holder`: whose folder is the key's now. */
  tell(call: string, holder: number, me: number): Told {
    const [name, from = '', to = ''] = call.split(' ') as [string, string?, string?];
    if (!name || unseen.includes(name)) return { label: undefined, isLook: true };
    if (name === 'render' || call === 'purge is called')
      return { label: name === 'render' ? name : call, isLook: false };
    if (name === 'begins') return { label: undefined, isLook: true };
    if (looks.includes(name)) return { isLook: true, ...this.#look(name, from) };
    const told = name === 'rename' ? this.#rename(from, to, holder) : this.#change(name, from, me);
    if (told === undefined) throw new Error(`the model knows nothing of: ${call}`);
    return { isLook: false, ...told };
  }

  #look(name: string, path: string): Pick<Told, 'label' | 'hint'> {
    const known: Record<string, string> = {
      [page]: 'page',
      [`${page}.gz`]: 'variant',
      [meta]: 'meta',
      [folder]: 'fills',
      [tree.fills]: 'fills',
      [tree.root]: 'root',
      [tree.tags]: 'tags',
    };
    const grave = this.#graves.get(path);
    if (grave !== undefined) return { label: `${name} grave`, hint: { folder: grave, bit: 0 } };
    if (path.startsWith(`${folder}/`)) return { label: `${name} part` };
    if (path.startsWith(`${tree.tags}/`))
      return { label: `${name} ${path.endsWith('.list') ? 'list' : 'taken'}` };
    return { label: path in known ? `${name} ${known[path]}` : undefined };
  }

  #rename(from: string, to: string, holder: number): Omit<Told, 'isLook'> | undefined {
    if (from.endsWith('.new') && to === folder) return { label: 'lock' };
    if (from === folder && to.startsWith(`${tree.trash}/`)) {
      if (holder >= 0) this.#graves.set(to, holder);
      return { label: 'bury' };
    }
    const part = from.startsWith(`${folder}/`) ? partAt(from)?.part : undefined;
    const target = { [page]: 'body', [`${page}.gz`]: 'gz', [meta]: 'meta' }[to];
    if (part !== undefined && part === target) return { label: `rename ${part}` };
    if (from === tree.meta) return { label: 'rename meta folder' };
    // That of hidden pages, of which there are none.
    if (from === `${tree.internal}/private/meta`) return { label: undefined };
    if (from === page && to.startsWith(tree.trash)) return { label: 'rename to grave', way: 'page' };
    if (from === `${page}.gz` && to.startsWith(tree.trash))
      return { label: 'rename to grave', way: 'variant' };
    return from.startsWith(tree.tags) && from.endsWith('.list') ? { label: 'rename list' } : undefined;
  }

  #change(name: string, path: string, me: number): Omit<Told, 'isLook'> | undefined {
    const found = path.startsWith(`${folder}/`) ? partAt(path) : undefined;
    // Somebody else's: the permission is taken away.
    if (found && found.actor !== me)
      return { label: `${name} in fills`, hint: { folder: 31, bit: bitOf(found.actor, found.part) } };
    const part = found?.part;
    if (part !== undefined) return { label: name === 'unlink' ? `unlink ${part} part` : `${name} ${part}` };
    const known: Record<string, string> = {
      [`rmdir ${folder}`]: 'rmdir fills',
      [`unlink ${page}`]: 'unlink page',
      [`unlink ${page}.gz`]: 'unlink variant',
      [`unlink ${meta}`]: 'unlink meta',
      [`mkdir ${tree.meta}`]: 'mkdir meta',
    };
    const label = known[`${name} ${path}`];
    if (label !== undefined) return { label };
    if (path.startsWith(`${tree.trash}/`)) return this.#inTrash(name, path);
    if (path.startsWith(`${tree.fills}/`)) {
      return { label: name === 'create' && path.endsWith('.body') ? 'create draft' : undefined };
    }
    if (path.startsWith(`${tree.tags}/`))
      return { label: name === 'append' ? 'append list' : `${name} taken` };
    // The other file that the page may live in, where it never is here.
    const isOther = path.startsWith(`${page}/`) || path.startsWith(`${tree.meta}/k/`);
    return isOther || [page, `${tree.meta}/k`, tree.trash].includes(path) ? { label: undefined } : undefined;
  }

  #inTrash(name: string, path: string): Omit<Told, 'isLook'> {
    const grave = this.#graves.get(path);
    if (grave !== undefined) return { label: `${name} grave`, hint: { folder: grave, bit: 0 } };
    const above = this.#graves.get(path.slice(0, path.lastIndexOf('/')));
    const part = partAt(path);
    if (above === undefined || part === undefined) return { label: undefined };
    return { label: 'unlink in grave', hint: { folder: above, bit: bitOf(part.actor, part.part) } };
  }
}
