/** The layout `index`: each page is the index of a folder, as static hosting has it. */
import type { Layout } from '../../contracts.ts';
import { hasExtension } from './extension.ts';

/**
 * | | `/` | `/foo` | `/foo/` | `/a.css` | `/a.css/` |
 * | --- | --- | --- | --- | --- | --- |
 * | `always` | `index.html` | refused: `trailing-slash` | `foo/index.html` | `a.css` | `a.css/index.html` |
 * | `never` | `index.html` | `foo/index.html` | refused: `trailing-slash` | `a.css` | refused: `trailing-slash` |
 *
 * One of `/foo` and `/foo/` has the place, `trailingSlash` says which. `/` has no other form.
 */
export const index: Layout = {
  name: 'index',
  directoryIndex: 'index.html',
  place(segments, slash, { directoryIndex, trailingSlash }) {
    if (segments.length === 0) return { path: directoryIndex };
    const path = segments.join('/');
    if (!slash && hasExtension(segments.at(-1)!)) return { path };
    return slash === (trailingSlash === 'always') ? { path: `${path}/${directoryIndex}` } : 'trailing-slash';
  },
  target(path, { directoryIndex, trailingSlash }) {
    const segments = path.split('/');
    if (segments.at(-1) !== directoryIndex) return { segments, slash: false };
    return { segments: segments.slice(0, -1), slash: segments.length === 1 || trailingSlash === 'always' };
  },
};
