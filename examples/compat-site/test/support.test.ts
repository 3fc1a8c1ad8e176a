import { expect, test } from 'vitest';
import { bestOf, reachOf, stateOf, verdictOf } from '../support.js';

const release = (status: string, date?: string) => ({ status, release_date: date });
const browser = (id: string) => ({
  id,
  name: id,
  releases: new Map([
    ['9', release('beta')],
    ['8', release('current', '2020-08-01')],
    ['7', release('retired', '2019-07-01')],
  ]),
});
const chrome = browser('chrome');

test.each([
  [undefined, 'unknown'],
  [{ version_added: false }, 'no'],
  [{ version_added: '7' }, 'yes'],
  [{ version_added: '≤7' }, 'yes'],
  [{ version_added: '9' }, 'preview'],
  [{ version_added: 'preview' }, 'preview'],
  [{ version_added: '7', version_removed: '8' }, 'removed'],
  [{ version_added: '7', version_removed: '9' }, 'yes'],
  [{ version_added: '7', flags: [{ type: 'preference', name: 'x' }] }, 'flag'],
  [{ version_added: '7', partial_implementation: true }, 'partial'],
  [{ version_added: '7', prefix: '-webkit-' }, 'alias'],
  [{ version_added: '7', alternative_name: 'x' }, 'alias'],
])('%j is %s', (statement, state) => {
  expect(stateOf(statement, chrome)).toBe(state);
});

test('of several statements the best one speaks', () => {
  const plain = { version_added: '8' };
  const support = { chrome: [{ version_added: '7', prefix: 'x' }, { version_added: false }, plain] };
  expect(bestOf(support, chrome)).toEqual({ statement: plain, state: 'yes' });
  expect(bestOf({}, chrome).state).toBe('unknown');
});

test('the reach counts engines, and browsers where no engine is known', () => {
  const yes = { version_added: '1' };
  const no = { version_added: false };
  expect(reachOf({ chrome: yes, firefox: yes, safari: yes, ie: no })).toBe('all');
  expect(reachOf({ chrome: yes, firefox: no, safari: yes })).toBe('some');
  expect(reachOf({ chrome: no, firefox: no, safari: no })).toBe('none');
  expect(reachOf({ nodejs: yes, deno: yes })).toBe('all');
});

test('the verdict dates what all have by the last to arrive', () => {
  const browsers = new Map(['chrome', 'firefox', 'ie'].map((id) => [id, browser(id)]));
  const everywhere = verdictOf({ chrome: { version_added: '7' }, firefox: { version_added: '8' } }, browsers);
  expect(everywhere.since).toBe('2020-08-01');
  expect(everywhere.lacking).toEqual([]);
  const lacking = verdictOf({ chrome: { version_added: '7' }, firefox: { version_added: false } }, browsers);
  expect([lacking.since, lacking.lacking.map(({ id }) => id)]).toEqual([undefined, ['firefox']]);
});
