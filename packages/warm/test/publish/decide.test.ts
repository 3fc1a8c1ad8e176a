import { describe, expect, it } from 'vitest';
import { type Seeing, whyNotWhole } from '../../src/fetch/whole.ts';
import { nextNumber, treeBefore, treesToRemove } from '../../src/publish/decide.ts';

describe('after a switch', () => {
  it.each([
    ['the first', { whole: [1], live: 1, previous: undefined, keep: 1 }, []],
    ['the one before is kept', { whole: [1, 2], live: 2, previous: 1, keep: 1 }, []],
    ['older ones go', { whole: [1, 2, 3], live: 3, previous: 2, keep: 1 }, [1]],
    ['more may be kept', { whole: [1, 2, 3, 4], live: 4, previous: 3, keep: 2 }, [1]],
    ['or none', { whole: [1, 2], live: 2, previous: 1, keep: 0 }, [1]],
    ['what was rolled back from goes', { whole: [5, 6, 7], live: 7, previous: 5, keep: 1 }, [6]],
    [
      'a tree that a kill kept from the switch goes',
      { whole: [5, 6, 7], live: 7, previous: 5, keep: 9 },
      [6],
    ],
    ['the link was taken away by hand', { whole: [3, 4, 5], live: 5, previous: undefined, keep: 1 }, [3]],
  ])('%s', (_, switched, doomed) => {
    expect(treesToRemove(switched)).toEqual(doomed);
  });

  it('a rollback goes to the newest that is older', () => {
    expect(treeBefore([1, 4, 6, 7], 6)).toBe(4);
    expect(treeBefore([6, 7], 6)).toBeUndefined();
  });

  it('no number comes twice', () => {
    expect(nextNumber([], undefined)).toBe(1);
    expect(nextNumber(['3', '5.building', '9.failed'], 4)).toBe(10);
    expect(nextNumber([], 4)).toBe(5);
  });
});

describe('whether all of the sources was seen', () => {
  const all: Seeing = {
    stopped: false,
    cut: undefined,
    unread: 0,
    badLines: false,
    elsewhere: 0,
    blind: 0,
    lost: 0,
    unfollowed: undefined,
  };
  it.each<[string, Partial<Seeing>, string | undefined]>([
    ['it was', {}, undefined],
    ['a signal', { stopped: true }, 'the run ended before the end of its sources'],
    ['--max-time', { cut: 'max-time' }, 'the run ended before the end of its sources'],
    ['--max-pages', { cut: 'max-pages' }, 'the run ended before the end of its sources'],
    ['--shard', { elsewhere: 1 }, 'other parts of the sources belong to other machines'],
    ['a source', { unread: 1 }, 'a source cannot be read'],
    ['sources', { unread: 2 }, '2 sources cannot be read'],
    ['a line', { badLines: true }, 'a source has lines that cannot be read'],
    ['a dry run of a crawl', { unfollowed: 'link' }, 'no page is fetched, so no link is followed'],
    ['a dry run that follows', { unfollowed: 'redirect' }, 'no page is fetched, so no redirect is followed'],
    ['a page of a crawl', { blind: 1 }, 'a page did not come whole, and its links are not known'],
    ['pages of a crawl', { blind: 3 }, '3 pages did not come whole, and their links are not known'],
    ['a URL', { lost: 1 }, 'a URL did not lead to a page, and where it redirects to is not known'],
    ['URLs', { lost: 2 }, '2 URLs did not lead to a page, and where they redirect to is not known'],
  ])('%s', (_, more, why) => {
    expect(whyNotWhole({ ...all, ...more })).toBe(why);
  });
});
