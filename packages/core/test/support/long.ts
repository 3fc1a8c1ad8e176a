/**
 * Whether the long forms of the tests run: `PAGETREE_LONG=1`, and nothing else, turns them on (`CONTRIBUTING.md` says what they
 * are).
 */
export const LONG = process.env.PAGETREE_LONG === '1';
