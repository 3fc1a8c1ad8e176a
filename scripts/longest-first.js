import { BaseSequencer } from 'vitest/node';

/** Parts of the names of the files that take a minute or more, the longest first. */
const longest = [
  'process/kill-at-every-call',
  'e2e/pagetree/compat-site',
  'e2e/pagetree/large',
  'warm/test/mistakes',
  'e2e/publish/publish',
  'tree/no-tree',
  'warm/test/rewarm',
  'tree/purge-more',
  'process/purge-is-final',
  'warm/test/warm.test',
  'e2e/warm/interrupted',
];

/**
 * Begins with the files that take longest, so that none of them is left when all others are done. Vitest knows how long a file
 * took only where it ran before.
 */
export default class LongestFirst extends BaseSequencer {
  async sort(files) {
    const rank = ({ moduleId }) => {
      const at = longest.findIndex((name) => moduleId.includes(name));
      return at === -1 ? longest.length : at;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
