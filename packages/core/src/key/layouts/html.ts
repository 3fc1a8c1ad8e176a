/** The layout `html`: pages are `.html` files, as the page caches of Rails and Laravel make them. */
import type { Layout } from '../../contracts.ts';
import { fold } from '../fold.ts';
import { hasExtension } from './extension.ts';

/**
 * | `/` | `/foo` | `/foo/` | `/a.css` | `/foo.html`, `/index` |
 * | --- | --- | --- | --- | --- |
 * | `index.html` | `foo.html` | `foo/index.html` | `a.css` | refused: `reserved-name` |
 *
 * Where two keys would meet, the one that says less about its file has the place: `/foo` and not `/foo.html`,
 * `/` and not `/index`. No key ends in `.html` here, not even `/v1.2.html`: a server that tries `$uri.html` would
 * send that page for `/v1.2`.
 */
export const html: Layout = {
  name: 'html',
  directoryIndex: 'index.html',
  place(segments, slash, { directoryIndex }) {
    const path = segments.join('/');
    if (slash) return { path: path === '' ? directoryIndex : `${path}/${directoryIndex}` };
    const name = segments.at(-1)!;
    if (hasExtension(name)) return fold(name).endsWith('.html') ? 'reserved-name' : { path };
    return fold(`${name}.html`) === fold(directoryIndex) ? 'reserved-name' : { path: `${path}.html` };
  },
  target(path, { directoryIndex }) {
    const segments = path.split('/');
    const name = segments.pop()!;
    if (name === directoryIndex) return { segments, slash: true };
    return { segments: [...segments, name.endsWith('.html') ? name.slice(0, -5) : name], slash: false };
  },
};
