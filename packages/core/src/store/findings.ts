/** What an audit of a tree can find. */

/** What can be wrong with an entry. */
export const faults = {
  'empty-page': 'A page of no bytes: it is a miss for us and a blank page for a web server.',
  'wrong-mode':
    'A web server that runs as another user may not read it (in a folder: nothing that is below), or everyone may write to it.',
  'orphan-variant': 'A compressed variant whose page is gone.',
  'stale-variant': 'A compressed variant of another version of its page.',
  'orphan-meta': 'Meta whose page is gone.',
  'misfit-meta': 'Meta of another version of its page, or damaged: it is ignored.',
  link: 'A symbolic link: it is not served as a page, and nothing is written or purged through it.',
  special: 'Neither a file nor a folder.',
  'unmapped-name': 'A name that no request leads to.',
  conflict: 'A page in the place of a folder’s page, though its type may not be moved there.',
  shadowed:
    'A page for the middleware alone, behind a public page of the same path: it would come back with that one gone.',
  'lost-type':
    'A page for the middleware alone whose meta is lost: nobody knows its type, so it is not served.',
  'lost-headers': 'No fault of the tree: a front-end server serves the page without some of its headers.',
  'lost-variant':
    'No fault of the tree: a variant that was made is gone, so the page is served in more bytes.',
  'dead-fill': 'What a process that is gone left of a page it was storing.',
  trash: 'What a purge that was killed left to delete.',
  leftover: 'What a process left that died while it opened the tree, or noted its size.',
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
  /** With `lost-headers`: their names. */
  readonly detail?: string;
}
