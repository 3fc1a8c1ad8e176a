import bcd from '@mdn/browser-compat-data/forLegacyNode';
import { pathOf } from './address.js';
import { REACHES, reachOf } from './support.js';

/**
 * @typedef {object} Feature one page: a section (`/api/`), a group without data of its own, or a feature
 * @property {string} id the dotted path, `api.AbortController`
 * @property {string} key the last part of the id
 * @property {string[]} keys
 * @property {string} path
 * @property {Feature} [parent] undefined on a section
 * @property {Feature[]} children in alphabetical order
 * @property {any} [compat] the `__compat` statement; undefined on groups
 * @property {'all' | 'some' | 'none'} [reach] how many engines have it; undefined on groups
 * @property {number} count features in this subtree, itself included
 * @property {Record<string, number>} tally the same, by reach
 *
 * @typedef {object} Browser
 * @property {string} id
 * @property {string} name
 * @property {string} path
 * @property {string} type
 * @property {Map<string, any>} releases by version, the newest first
 *
 * @typedef {object} Compat everything the site is made of
 * @property {string} version of the data
 * @property {Feature[]} sections
 * @property {Map<string, Feature>} features by path, sections and groups included
 * @property {Map<string, Browser>} browsers by id
 */

const alphabet = new Intl.Collator('en', { numeric: true });

/**
 * Turns the data as it is published into a tree of pages that is looked up by path.
 * Maps, not objects: `constructor` and `toString` are keys of real features.
 * @param {any} raw
 * @returns {Compat}
 * @throws when two features would have one URL, or one could have none
 */
export function indexCompat(raw) {
  const { __meta, browsers, ...roots } = raw;
  /** @type {Map<string, Feature>} */
  const features = new Map();
  const sections = Object.keys(roots).map((key) => grow(features, undefined, key, roots[key]));
  return { version: __meta.version, sections, features, browsers: indexBrowsers(browsers) };
}

function grow(features, parent, key, node) {
  if (key === '' || key === '.' || key === '..') {
    throw new Error(`${parent?.id ?? 'the data'} has a feature named '${key}', which can't be part of a URL`);
  }
  const keys = [...(parent?.keys ?? []), key];
  const compat = node.__compat;
  const feature = { id: keys.join('.'), key, keys, path: pathOf({ keys }), parent, children: [], compat };
  claim(features, feature.path, feature);
  feature.reach = compat && reachOf(compat.support);
  feature.children = Object.keys(node)
    .filter((name) => name !== '__compat')
    .sort(alphabet.compare)
    .map((name) => grow(features, feature, name, node[name]));
  for (const child of feature.children) {
    // `x.json` beside `x` would be two answers under one URL.
    if (child.compat && features.has(jsonPathOf(child))) {
      throw new Error(`the JSON of ${child.id} and a page share the URL ${jsonPathOf(child)}`);
    }
  }
  feature.tally = Object.fromEntries(
    REACHES.map((reach) => [
      reach,
      feature.children.reduce((sum, child) => sum + child.tally[reach], feature.reach === reach ? 1 : 0),
    ]),
  );
  feature.count = REACHES.reduce((sum, reach) => sum + feature.tally[reach], 0);
  return feature;
}

function claim(features, path, feature) {
  const holder = features.get(path);
  if (holder) throw new Error(`${holder.id} and ${feature.id} share the URL ${path}`);
  features.set(path, feature);
}

/** @param {Feature} feature */
export function jsonPathOf(feature) {
  return `${feature.path}.json`;
}

function indexBrowsers(browsers) {
  return new Map(
    Object.entries(browsers).map(([id, { releases, ...browser }]) => [
      id,
      {
        ...browser,
        id,
        path: `/browsers/${id}`,
        releases: new Map(Object.entries(releases).sort(([, a], [, b]) => b.index - a.index)),
      },
    ]),
  );
}

/** The data of the installed package, indexed once a process. */
export const compat = indexCompat(bcd);
