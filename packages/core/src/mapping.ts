/** The mapping of one tree: what its manifest makes of targets, keys and places. No I/O. */
import type { Bypass, Layout, Naming, Place } from './contracts.ts';
import { layouts } from './key/layouts/all.ts';
import { guarded, isBuiltIn } from './key/layouts/own.ts';
import { folderOf, placeOf, targetOf } from './key/place.ts';
import { parseTarget } from './key/target.ts';
import type { TreeOptions } from './options.ts';
import { byPrefix, longestFirst, type PrefixRule } from './policy/prefixes.ts';
import { compileTypes, contentTypeFor, type PlaceType, type TypeRules } from './policy/types.ts';
import type { Manifest } from './store/manifest.ts';

/**
 * The longest path that the system takes, in bytes without the closing NUL (`PATH_MAX`), less what the trash adds: what is
 * buried must have a path too.
 */
const LONGEST_PATH =
  (process.platform === 'darwin' ? 1023 : 4095) - '.pagetree/trash/0123456789abcdef/'.length;

/** From targets to places and types, by the rules of one manifest. */
export class Mapping {
  readonly naming: Naming;
  readonly #types: TypeRules;
  readonly #cacheControl: readonly PrefixRule<string>[];

  /**
   * @param root the real path of the tree, whose length counts.
   * @param given the option: the layout of the manifest where that is not built in.
   */
  constructor(manifest: Manifest, root: string, given?: TreeOptions['layout']) {
    const { layout } = manifest;
    this.naming = {
      layout: isBuiltIn(layout) ? layouts[layout] : guarded(given as Layout),
      directoryIndex: manifest.directoryIndex,
      pageFile: manifest.pageFile,
      trailingSlash: manifest.trailingSlash,
      maxPath: LONGEST_PATH - Buffer.byteLength(root) - 1,
      windows: process.platform === 'win32',
    };
    this.#types = compileTypes(manifest);
    this.#cacheControl = longestFirst(Object.entries(manifest.cacheControl));
  }

  /** The place of a request target, or why it has none. */
  placeOf(target: string): Place | Bypass {
    const parsed = parseTarget(target);
    return parsed.kind === 'bypass' ? parsed : placeOf(parsed, this.naming);
  }

  /** The place of a key; `undefined` when it is none. */
  placeOfKey(key: string): Place | undefined {
    const place = this.placeOf(key);
    return place.kind === 'place' ? place : undefined;
  }

  /**
   * The folder that holds every page below a key and no other, as `folderOf` has it; `undefined` where pages of a folder may be
   * anywhere, because somebody else's layout puts them there.
   */
  folderOf(key: string): string | undefined {
    return isBuiltIn(this.naming.layout.name) ? folderOf(key, this.naming) : undefined;
  }

  /** The key whose page lives at a path of the tree. */
  keyAt(path: string): string | undefined {
    return targetOf(path, this.naming);
  }

  typeOf(place: Place): PlaceType {
    return contentTypeFor(place.key, place.path, this.#types);
  }

  /** The rule of the manifest about `Cache-Control` for a key. */
  cacheControlOf(key: string): string | undefined {
    return this.#cacheControl.length === 0 ? undefined : byPrefix(this.#cacheControl, key);
  }

  /** The place whose page lives at a path, when it may move into the folder that is to stand there: only HTML moves. */
  movable(path: string): Place | undefined {
    const key = this.keyAt(path);
    const place = key === undefined ? undefined : this.placeOfKey(key);
    return place?.path === path && this.typeOf(place).mediaType === 'text/html' ? place : undefined;
  }

  /** Whether the page of a key may be at a path: only HTML lives in a folder's page file. */
  isRightPlace(key: string, path: string): boolean {
    const place = this.placeOfKey(key);
    if (place === undefined || path === place.path) return place !== undefined;
    return path === place.inFolder && this.typeOf(place).mediaType === 'text/html';
  }
}
