/** Which paths of the compat site a test takes. */
import { cacheablePaths } from '@pagetree/example-compat-site/paths.js';

/** Every path of the site that may be cached, in the order of the site. */
export const allPaths: readonly string[] = [...cacheablePaths()];

/**
 * A few hundred paths of every kind: the front page, all indexes, browsers, pages with and without pages below
 * them, JSON beside them, the style sheet and robots.txt.
 */
export const somePaths: readonly string[] = [
  ...new Set([
    ...allPaths.filter((path) => path.endsWith('/') || path.startsWith('/browsers/')),
    ...allPaths.filter((path) => /^\/api\/Abort/.test(path)),
    ...allPaths.filter((path) => /^\/css\/properties\/grid/.test(path)),
    ...allPaths.filter((_, at) => at % 300 === 0),
    '/style.css',
    '/robots.txt',
  ]),
];
