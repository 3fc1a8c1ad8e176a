/** Settings about what becomes of the tree when the run is over: whether it is published, and whether it is served. */
import { parseOrigin } from '../plan/origin.ts';
import { plain, type Setting } from './setting.ts';
import { wholeNumber } from './values.ts';

export const publishTable = {
  publish: {
    ...plain,
    group: 'publish',
    summary:
      'Make a new tree beside the live one, and switch to it by one rename when it is good: --cache-dir is a symbolic link then. It begins empty.',
  },
  keep: {
    kind: 'text',
    group: 'publish',
    value: 'N',
    summary: 'With --publish: how many older trees are kept for pagetree rollback, 0 to 100. Default 1.',
    read: (label, value) => wholeNumber(label, value, 0, 100),
  },
  'keep-failed': {
    ...plain,
    group: 'publish',
    summary: 'With --publish: keep a tree that is not good enough, to look at it, until the next run.',
  },
  verify: {
    kind: 'text',
    group: 'publish',
    value: 'URL',
    summary:
      'Afterwards ask a server in front of the tree for every stored page, and end with 3 when one is not the same. Without any list nothing else is done.',
    read: (label, value) => parseOrigin(label, String(value)).href,
  },
} as const satisfies Record<string, Setting>;
