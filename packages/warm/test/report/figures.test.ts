import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Figures } from '../../src/report/figures.ts';
import { Histogram } from '../../src/report/histogram.ts';
import { squares } from '../../src/report/html/squares.ts';
import { Sections } from '../../src/report/sections.ts';
import { Timeline } from '../../src/report/timeline.ts';
import { stored } from './support.ts';

describe('a histogram', () => {
  it('says within 12 % how large values are', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1, max: 1e9, noNaN: true }), { minLength: 1 }), (values) => {
        const histogram = new Histogram();
        for (const value of values) histogram.add(value);
        const sorted = values.toSorted((one, other) => one - other);
        for (const share of [0.5, 0.9, 0.99, 1]) {
          const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
          const told = histogram.quantile(share);
          expect(told).toBeGreaterThanOrEqual(exact / 1.123);
          expect(told).toBeLessThanOrEqual(exact * 1.123);
        }
        expect([histogram.least, histogram.most]).toEqual([sorted[0], sorted.at(-1)]);
      }),
    );
  });

  it('hands out no more buckets than were asked for, and loses none', () => {
    const histogram = new Histogram();
    for (const value of [0, 0.5, 1, 30, 30, 1e5, 1e20]) histogram.add(value);
    for (const most of [1, 7, 48, 1000]) {
      const buckets = histogram.buckets(most);
      expect(buckets.length).toBeLessThanOrEqual(most);
      expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(7);
      expect(buckets[0]!.from).toBe(0);
    }
    expect([new Histogram().buckets(10), new Histogram().quantile(0.5)]).toEqual([[], 0]);
  });
});

describe('a timeline', () => {
  it('has few stretches, however long the run, and loses nothing', () => {
    const timeline = new Timeline(500);
    for (let at = 0; at < 100_000; at += 7) timeline.add(at % 2 === 0 ? 'stored' : 'failed', 500 + at);
    expect(timeline.stretches.length).toBeLessThanOrEqual(120);
    expect(timeline.width).toBe(1600);
    const sum = (outcome: 'stored' | 'failed') =>
      timeline.stretches.reduce((all, one) => all + one[outcome], 0);
    expect(sum('stored') + sum('failed')).toBe(Math.ceil(100_000 / 7));
    timeline.add('present', 500 + 10 ** 9);
    expect(timeline.stretches.length).toBeLessThanOrEqual(120);
    expect(sum('stored') + sum('failed')).toBe(Math.ceil(100_000 / 7));
  });
});

describe('the sections of a site', () => {
  it('are its paths, three deep', () => {
    const sections = new Sections();
    sections.add('/', 1, false);
    sections.add('/blog/2026/may/one/more?x=/y/z', 10, true);
    sections.add('/blog/2025/', 5, false);
    expect(sections.root).toMatchObject({ pages: 3, bytes: 16, missing: 1 });
    const blog = sections.root.parts!.get('blog')!;
    expect(blog).toMatchObject({ pages: 2, bytes: 15, missing: 1 });
    expect([...blog.parts!.keys()]).toEqual(['2026', '2025']);
    expect(blog.parts!.get('2026')!.parts!.get('may')).toMatchObject({ pages: 1, parts: undefined });
  });

  it('are bounded, and every page is counted all the same', () => {
    const sections = new Sections();
    for (let at = 0; at < 30_000; at += 1) sections.add(`/${at % 3000}/${at}/${at}`, 1, false);
    expect(sections.root.pages).toBe(30_000);
    expect(sections.root.parts!.size).toBe(1000);
    let told = 0;
    for (const { parts } of sections.root.parts!.values()) told += parts?.size ?? 0;
    expect(told).toBe(5000);
  });
});

describe('the areas of a map', () => {
  it('fill it by weight, and do not overlap', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1, maxLength: 40 }), (weights) => {
        const sorted = weights.toSorted((one, other) => other - one);
        const total = sorted.reduce((sum, one) => sum + one);
        const areas = squares(sorted, { x: 10, y: 20, width: 1000, height: 400 });
        expect(areas).toHaveLength(sorted.length);
        for (const [at, { x, y, width, height }] of areas.entries()) {
          expect(width * height).toBeCloseTo((sorted[at]! / total) * 400_000, 3);
          expect(x).toBeGreaterThanOrEqual(10 - 1e-6);
          expect(y).toBeGreaterThanOrEqual(20 - 1e-6);
          expect(x + width).toBeLessThanOrEqual(1010 + 1e-6);
          expect(y + height).toBeLessThanOrEqual(420 + 1e-6);
          for (const other of areas.slice(at + 1)) {
            const across = Math.min(x + width, other.x + other.width) - Math.max(x, other.x);
            const down = Math.min(y + height, other.y + other.height) - Math.max(y, other.y);
            expect(Math.min(across, down)).toBeLessThan(1e-6);
          }
        }
      }),
    );
  });

  it('are squares where they can be', () => {
    const areas = squares([1, 1, 1, 1], { x: 0, y: 0, width: 100, height: 100 });
    for (const { width, height } of areas) expect([width, height]).toEqual([50, 50]);
  });
});

describe('the figures of a run', () => {
  it('keep the highest twenty only', () => {
    const figures = new Figures(() => 0);
    for (let at = 1; at <= 1000; at += 1) {
      const shuffled = (at * 577) % 1009;
      figures.add({ ...stored(at), milliseconds: shuffled, bytes: shuffled * 2, status: 200 });
    }
    const times = figures.slowest.map(({ milliseconds }) => milliseconds!);
    expect(times).toHaveLength(20);
    expect(times).toEqual(times.toSorted((one, other) => other - one));
    expect(times[0]).toBe(1008);
    expect(figures.largest[0]!.bytes).toBe(2016);
    expect(figures.statuses).toEqual(new Map([[200, 1000]]));
  });
});
