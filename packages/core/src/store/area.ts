/**
 * The two areas of a tree. Public pages are where a front-end server finds them. Hidden ones are below `.pagetree/private/`,
 * where only the middleware does: what the name of a place can't say about them would be lost elsewhere. A key has a page in one
 * of them at most, and one lock for both.
 */
import type { Place } from '../contracts.ts';
import { fileOf, hiddenTree, INTERNAL, type TreePaths } from './tree.ts';

/** One area. */
export interface Area {
  readonly isHidden: boolean;
  /** Its pages and its meta; everything else is shared. */
  readonly tree: TreePaths;
  /** What goes before a path of its pages, so that it is relative to the whole tree. */
  readonly pagesAt: string;
  /** The same for its meta. */
  readonly metaAt: string;
  /** Where the page of a place is here. */
  placeOf(place: Place): Place;
  /** The key whose page is at a path of this area. */
  keyAt(path: string): string | undefined;
  /** Whether the page of a key may be at a path of this area. */
  isRightPlace(key: string, path: string): boolean;
}

/** The name of every hidden page: one that no segment of a path can have, so a page never stands where a folder is needed. */
export const HIDDEN_PAGE = '.page';

/** What the mapping answers for public pages. */
interface Mapped {
  keyAt(path: string): string | undefined;
  placeOfKey(key: string): Place | undefined;
  isRightPlace(key: string, path: string): boolean;
}

/** The areas of a tree, the public one first. */
export function areasOf(tree: TreePaths, mapping: Mapped): readonly [shown: Area, hidden: Area] {
  const shown: Area = {
    isHidden: false,
    tree,
    pagesAt: '',
    metaAt: `${INTERNAL}/meta/`,
    placeOf: (place) => place,
    keyAt: (path) => mapping.keyAt(path),
    isRightPlace: (key, path) => mapping.isRightPlace(key, path),
  };
  const end = `/${HIDDEN_PAGE}`;
  const hidden: Area = {
    isHidden: true,
    tree: hiddenTree(tree),
    pagesAt: `${INTERNAL}/private/pages/`,
    metaAt: `${INTERNAL}/private/meta/`,
    placeOf: ({ kind, key, path }) => ({ kind, key, path: path + end, inFolder: undefined }),
    keyAt(path) {
      const bare = path.endsWith(end) ? path.slice(0, -end.length) : undefined;
      const key = bare === undefined ? undefined : mapping.keyAt(bare);
      return key !== undefined && mapping.placeOfKey(key)?.path === bare ? key : undefined;
    },
    isRightPlace: () => true,
  };
  return [shown, hidden];
}

/** The paths at which the page of a place can be in an area. */
export function pathsIn(area: Area, place: Place): string[] {
  const { path, inFolder } = area.placeOf(place);
  return inFolder === undefined ? [path] : [path, inFolder];
}

/** The file of a path of an area. */
export function fileIn(area: Area, path: string): string {
  return fileOf(area.tree, path);
}
