import { join } from 'node:path';

const HIDDEN_PAGES = '.pagetree/private/pages/';

/** Whether a place is one that only the middleware serves from. */
export function isHiddenPlace(place: string): boolean {
  return place.startsWith(HIDDEN_PAGES);
}

/** The file with what is kept beside the page of a place, which is relative to the tree; a page for the middleware alone has its own (ARCHITECTURE, the tree on disk). */
export function metaFileOf(cacheDir: string, place: string): string {
  return isHiddenPlace(place)
    ? join(cacheDir, '.pagetree/private/meta', `${place.slice(HIDDEN_PAGES.length)}.pagetree`)
    : join(cacheDir, '.pagetree/meta', `${place}.pagetree`);
}
