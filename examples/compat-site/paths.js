import { compat as installed, jsonPathOf } from './data.js';

/** @typedef {import('./data.js').Compat} Compat */

/** The pages that belong to no section. */
export function* sitePages(compat = installed) {
  yield '/';
  yield '/browsers/';
  for (const browser of compat.browsers.values()) yield browser.path;
}

/** Every page of a section, its index first. */
export function* sectionPages(section) {
  yield section.path;
  for (const child of section.children) yield* sectionPages(child);
}

/** Every HTML page of the site. */
export function* htmlPaths(compat = installed) {
  yield* sitePages(compat);
  for (const section of compat.sections) yield* sectionPages(section);
}

/** Every JSON document: one beside each page that has data of its own. */
export function* jsonPaths(compat = installed) {
  for (const feature of compat.features.values()) if (feature.compat) yield jsonPathOf(feature);
}

/**
 * Every path of the site that a cache may keep, each in its canonical spelling and once.
 * @param {Compat} [compat]
 * @returns {Generator<string>}
 */
export function* cacheablePaths(compat = installed) {
  yield* htmlPaths(compat);
  yield* jsonPaths(compat);
  yield '/style.css';
  yield '/robots.txt';
}
