/**
 * Every error a person can cause, in one table: the docs are generated from it.
 * What happens in normal life (miss, bypass, refused, busy) is a value with a reason, not an error.
 */
export const errorTable = {
  ERR_PAGETREE_OPTION: {
    title: 'An option has a value that cannot be used.',
    fix: 'The message names the option, what was expected and what came. Correct that value.',
  },
  ERR_PAGETREE_CONFIG: {
    title: 'The configuration file cannot be used.',
    fix: 'The message names every key that is wrong. Correct them all.',
  },
  ERR_PAGETREE_CACHE_DIR: {
    title: 'The cache folder cannot be used.',
    fix: 'Name a folder that exists or can be made, and that this user may write to.',
  },
  ERR_PAGETREE_NOT_A_TREE: {
    title: 'The folder has files in it but is not a Pagetree cache.',
    fix: 'Name another folder, or say `adopt: true` (`--adopt`) when its files are pages that may be served to anyone.',
  },
  ERR_PAGETREE_NO_TREE: {
    title: 'There is no Pagetree cache in that folder.',
    fix: 'Name the folder that the middleware or cache-warm writes to.',
  },
  ERR_PAGETREE_MANIFEST: {
    title: 'The manifest of the tree (.pagetree/tree.json) cannot be read.',
    fix: 'Restore the file from a backup, or remove the whole cache folder: it is filled again.',
  },
  ERR_PAGETREE_MANIFEST_MISMATCH: {
    title: 'An option contradicts the manifest of the tree.',
    fix: 'Leave the option out to use what the tree says, or use another cache folder.',
  },
  ERR_PAGETREE_LAYOUT: {
    title: 'The tree has a layout that this program was not given.',
    fix: 'Give the layout itself: `layout: mine` among the options, or in pagetree.config.js (.mjs, .ts), which the commands and `loadConfig` read.',
  },
  ERR_PAGETREE_CLOSED: {
    title: 'The cache was used after it was closed.',
    fix: 'Close the cache after the last request.',
  },
  ERR_PAGETREE_PATH: {
    title: 'A path that was given to purge, list or explain has no place in the tree.',
    fix: 'Give the path of a page, as a request would name it: it starts with `/` and has no query.',
  },
  ERR_PAGETREE_PURGE_INCOMPLETE: {
    title: 'A purge could not delete everything it was asked to.',
    fix: 'The cause names the file and what the system said. Mend that and purge again.',
  },
} as const;

/** The codes of `PagetreeError`. */
export type ErrorCode = keyof typeof errorTable;

/**
 * A mistake that a person can mend. `message` is one sentence; `hint` says what to do.
 *
 * @example
 * try { pageCache({ cacheDir: 'package.json' }) } catch (error) { console.error(`${error.message}\n${error.hint}`) }
 */
export class PagetreeError extends Error {
  override readonly name = 'PagetreeError';
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, details: { hint?: string; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? errorTable[code].fix;
  }
}
