/** Opens trees also where their layout is not built in. */
import { type CacheOptions, openTree, type PageCache, PagetreeError } from '@pagetree/core';

/**
 * Opens a tree for a command. The tree says which layout it has; one that is not built in comes from the options or the
 * configuration file, which is asked for it only then: it may be that of another tree, and to read it takes time.
 *
 * @throws {PagetreeError} as `openTree`; `ERR_PAGETREE_LAYOUT` when nothing says the layout.
 */
export async function openWithLayout(
  cacheDir: string,
  options: Omit<CacheOptions, 'cacheDir' | 'layout'>,
  layoutOf: () => CacheOptions['layout'] | Promise<CacheOptions['layout']>,
): Promise<PageCache> {
  try {
    return openTree(cacheDir, options);
  } catch (error) {
    const layout = lacksLayout(error) ? await layoutOf() : undefined;
    if (typeof layout !== 'object') throw error;
    return openTree(cacheDir, { ...options, layout });
  }
}

/** Whether a tree could not be opened because its layout is not built in. */
export function lacksLayout(error: unknown): boolean {
  return error instanceof PagetreeError && error.code === 'ERR_PAGETREE_LAYOUT';
}
