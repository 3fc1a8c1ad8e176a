/** The layout `mirror`: the tree looks like the requests. */
import type { Layout } from '../../contracts.ts';

/**
 * | `/` | `/foo` | `/foo/` | `/a.css` |
 * | --- | --- | --- | --- |
 * | `__index.html` | `foo`, or `foo/__page.html` once there is a folder `foo` | `foo/__index.html` | `a.css` |
 *
 * A name stands as it is, and the two names that are added are no segment's name. So no two keys meet.
 */
export const mirror: Layout = {
  name: 'mirror',
  directoryIndex: '__index.html',
  place(segments, slash, { directoryIndex, pageFile }) {
    const path = segments.join('/');
    if (!slash) return { path, inFolder: `${path}/${pageFile}` };
    return { path: path === '' ? directoryIndex : `${path}/${directoryIndex}` };
  },
  target(path, { directoryIndex, pageFile }) {
    const segments = path.split('/');
    const name = segments.at(-1);
    if (name === directoryIndex) return { segments: segments.slice(0, -1), slash: true };
    if (name === pageFile) return { segments: segments.slice(0, -1), slash: false };
    return { segments, slash: false };
  },
};
