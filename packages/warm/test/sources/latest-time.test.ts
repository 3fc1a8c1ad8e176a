import { describe, expect, it } from 'vitest';
import { latestTime } from '../../src/sources/latest-time.ts';

describe('the end of what a date can mean', () => {
  it.each([
    ['2026', '2027-01-01T12:00:00Z'],
    ['2026-11', '2026-12-01T12:00:00Z'],
    ['2026-12', '2027-01-01T12:00:00Z'],
    // In Honolulu it is still the 28th then.
    ['2026-11-28', '2026-11-29T12:00:00Z'],
    ['2026-11-28T18:35Z', '2026-11-28T18:36:00Z'],
    ['2026-11-28T18:35-08:00', '2026-11-29T02:36:00Z'],
    ['2026-11-28T18:35:26Z', '2026-11-28T18:35:27Z'],
    ['2026-11-28T18:35:26+0200', '2026-11-28T16:35:27Z'],
    ['2026-11-28T18:35:26.5Z', '2026-11-28T18:35:26.600Z'],
    ['2026-11-28T18:35:26.123Z', '2026-11-28T18:35:26.124Z'],
    ['2026-11-28T18:35:26.123456Z', '2026-11-28T18:35:26.124Z'],
    // Programs make a time of a date.
    ['2026-11-28T00:00:00.000Z', '2026-11-29T00:00:00Z'],
    ['2026-11-28T00:00+01:00', '2026-11-28T23:00:00Z'],
    // Nobody says where.
    ['2026-11-28T18:35:26', '2026-11-29T06:35:27Z'],
    ['2026-11-28 18:35', '2026-11-29T06:36:00Z'],
    ['Sat, 28 Nov 2026 18:35:26 GMT', '2026-11-28T18:35:27Z'],
    ['Sat, 28 Nov 2026 18:35:26 EST', '2026-11-28T23:35:27Z'],
    ['28 Nov 2026 18:35 +0200', '2026-11-28T16:36:00Z'],
    ['Sat, 28 Nov 2026 18:35:26', '2026-11-29T06:35:27Z'],
  ])('%s', (text, end) => {
    expect(new Date(latestTime(text)!).toISOString()).toBe(new Date(end).toISOString());
  });

  it('is that of a number, or of the day that begins with it', () => {
    expect(latestTime(1_700_000_000_123)).toBe(1_700_000_000_123);
    expect(latestTime(Date.UTC(2026, 10, 28))).toBe(Date.UTC(2026, 10, 29, 12));
  });

  it.each(['yesterday', '', '2026-13', '2026-11-28T25:00:00Z', 'x'.repeat(65), '12:00'])(
    'is none of %j',
    (text) => {
      expect(latestTime(text)).toBeUndefined();
    },
  );
});
