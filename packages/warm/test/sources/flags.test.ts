import { describe, expect, it } from 'vitest';
import { Problems } from '../../src/config/problems.ts';
import { warmOptions } from '../../src/config/warm-options.ts';
import { readSourceFlags, type SourceFlags } from '../../src/sources/options.ts';

const read = (flags: SourceFlags) => readSourceFlags(flags, new Problems(), (flag) => `--${flag}`);

describe('the flags of sources', () => {
  it('are options', () => {
    expect(
      read({
        robots: true,
        format: 'ndjson',
        crawl: true,
        depth: '3',
        include: ['/blog'],
        exclude: ['/blog/drafts'],
        assets: false,
        'ignore-robots': true,
        'max-pages': '100',
      }),
    ).toEqual({
      robots: true,
      format: 'ndjson',
      crawl: true,
      depth: 3,
      include: ['/blog'],
      exclude: ['/blog/drafts'],
      assets: false,
      ignoreRobots: true,
      maxPages: 100,
    });
    expect(read({ shard: '1/4' })).toEqual({ shard: '1/4' });
    expect(read({})).toEqual({});
  });

  it.each([
    [{ depth: 'deep', crawl: true }, '--depth must be a whole number from 0 to 1000; it is "deep".'],
    [{ 'max-pages': '1e3' }, '--max-pages must be a whole number'],
    [{ format: 'yaml' }, '--format must be one of auto,'],
    [{ shard: '1' }, '--shard must be the number of this part'],
    [{ include: ['/a'] }, '--include must be given together with --crawl'],
    [{ 'ignore-robots': true }, '--ignore-robots must be given together with --crawl'],
  ])('are named as they are written when they are wrong: %j', (flags, message) => {
    expect(() => warmOptions(flags, {})).toThrow(message);
  });
});
