/**
 * @typedef {'yes' | 'alias' | 'partial' | 'preview' | 'flag' | 'removed' | 'no' | 'unknown'} State
 */

/** From the best to the worst; of several statements about a browser the best one speaks for it. */
const STATES = ['yes', 'alias', 'partial', 'preview', 'flag', 'removed', 'no', 'unknown'];
const USABLE = new Set(['yes', 'alias', 'partial']);
const RELEASED = new Set(['retired', 'current', 'esr']);

/** One browser for each of the three engines: enough for a dot in a list. */
const ENGINES = ['chrome', 'firefox', 'safari'];
/** The browsers a verdict speaks of: the engines again, on desktops and in pockets. */
const LEADING = ['chrome', 'edge', 'firefox', 'safari', 'chrome_android', 'firefox_android', 'safari_ios'];

/** How far a feature reaches: into each engine, into some, into none. */
export const REACHES = ['all', 'some', 'none'];

/** The data writes one statement bare and several as a list. */
export function listOf(value) {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/**
 * @param {any} statement one simple support statement
 * @param {any} [browser] tells a shipped version from a planned one; without it every version counts as shipped
 * @returns {State}
 */
export function stateOf(statement, browser) {
  if (!statement) return 'unknown';
  const { version_added: added, version_removed: removed } = statement;
  if (added === false) return 'no';
  if (removed && isShipped(removed, browser)) return 'removed';
  if (statement.flags) return 'flag';
  if (!isShipped(added, browser)) return 'preview';
  if (statement.partial_implementation) return 'partial';
  return statement.prefix || statement.alternative_name ? 'alias' : 'yes';
}

function isShipped(version, browser) {
  if (version === 'preview') return false;
  const release = releaseOf(version, browser);
  return !release || RELEASED.has(release.status);
}

/** The release a version names; `≤37` names the release 37. */
export function releaseOf(version, browser) {
  return typeof version === 'string' ? browser?.releases.get(version.replace('≤', '')) : undefined;
}

/**
 * The statement that speaks for a browser, and its state.
 * @returns {{ statement: any, state: State }}
 */
export function bestOf(support, browser) {
  let best = { statement: undefined, state: /** @type {State} */ ('unknown') };
  for (const statement of listOf(support?.[browser.id])) {
    const state = stateOf(statement, browser);
    if (STATES.indexOf(state) < STATES.indexOf(best.state)) best = { statement, state };
  }
  return best;
}

/** @returns {'all' | 'some' | 'none'} */
export function reachOf(support) {
  const known = ENGINES.filter((id) => Object.hasOwn(support, id));
  const asked = known.length > 0 ? known : Object.keys(support);
  const having = asked.filter((id) => listOf(support[id]).some((s) => USABLE.has(stateOf(s)))).length;
  if (having === 0) return 'none';
  return having === asked.length ? 'all' : 'some';
}

/**
 * What can be said in a sentence about the leading browsers.
 * @returns {{ asked: any[], having: any[], lacking: any[], flawed: any[], since?: string }} browsers by how they
 * do; `since` is the release date of the last one to arrive, given when all have it in full
 */
export function verdictOf(support, browsers) {
  const known = LEADING.filter((id) => Object.hasOwn(support, id) && browsers.has(id));
  const asked = (known.length > 0 ? known : Object.keys(support)).map((id) => browsers.get(id));
  const judged = asked.map((browser) => ({ browser, ...bestOf(support, browser) }));
  const pick = (test) => judged.filter(test).map(({ browser }) => browser);
  const dates = judged.map(({ browser, statement }) => dateOf(statement, browser));
  const full = judged.every(({ state }) => state === 'yes');
  return {
    asked,
    having: pick(({ state }) => USABLE.has(state)),
    lacking: pick(({ state }) => !USABLE.has(state)),
    flawed: pick(({ state }) => state === 'partial' || state === 'alias'),
    since: full && dates.every(Boolean) ? dates.sort().at(-1) : undefined,
  };
}

/** The day a statement's version was released, unless only a bound is known. */
export function dateOf(statement, browser) {
  const version = statement?.version_added;
  return typeof version === 'string' && !version.startsWith('≤')
    ? releaseOf(version, browser)?.release_date
    : undefined;
}
