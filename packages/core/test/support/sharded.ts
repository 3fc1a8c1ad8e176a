/** A real layout of somebody's own: pages are spread over folders by a sum of their path, so no folder holds all of a section. */
import type { Layout } from '../../src/contracts.ts';

function shardOf(segments: readonly string[]): string {
  const sum = [...segments.join('/')].reduce((all, one) => (all * 31 + one.codePointAt(0)!) % 16, 7);
  return `shard-${sum.toString(16)}`;
}

export const sharded: Layout = {
  name: 'sharded',
  directoryIndex: 'index.html',
  place(segments, slash, { directoryIndex, pageFile }) {
    // Below a folder of ours that name would be a hidden one.
    if (segments[0] === 'never' || segments[0] === '.well-known') return 'no-place';
    return { path: [shardOf(segments), ...segments, slash ? directoryIndex : pageFile].join('/') };
  },
  target(path, { directoryIndex, pageFile }) {
    const [, ...segments] = path.split('/');
    const name = segments.pop();
    return name === directoryIndex || name === pageFile
      ? { segments, slash: name === directoryIndex }
      : undefined;
  },
};
