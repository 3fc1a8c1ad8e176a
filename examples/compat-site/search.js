import { plain } from './views/rich.js';

/** @typedef {import('./data.js').Feature} Feature */

/**
 * Prepares a search over all pages of the tree: a plain scan, which 20,000 short lines don't notice.
 * @param {import('./data.js').Compat} compat
 * @returns {(query: string) => Feature[]} the best first
 */
export function createSearch(compat) {
  const lines = [...compat.features.values()].map((feature) => ({
    feature,
    id: feature.id.toLowerCase(),
    key: feature.key.toLowerCase(),
    text: `${feature.id} ${plain(feature.compat?.description ?? '')}`.toLowerCase(),
  }));

  return (query) => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return [];
    const last = words[words.length - 1];
    return lines
      .filter(({ text }) => words.every((word) => text.includes(word)))
      .map((line) => ({ ...line, rank: rankOf(line, last) }))
      .sort((a, b) => a.rank - b.rank || a.feature.keys.length - b.feature.keys.length)
      .map(({ feature }) => feature);
  };
}

function rankOf({ id, key }, word) {
  if (id === word || key === word) return 0;
  if (key.startsWith(word)) return 1;
  if (key.includes(word)) return 2;
  return id.includes(word) ? 3 : 4;
}
