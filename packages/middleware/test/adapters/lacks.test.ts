/** What adapters cannot play is a list that is looked at, not a way to lose cases. */
import { describe, expect, it } from 'vitest';
import type { Need } from './adapter.ts';
import { adapters } from './adapters.ts';
import { cases } from './cases/index.ts';
import { lacking, needsOf } from './suite.ts';

const all = Object.entries(cases);

/** How many cases each adapter plays, and what the others need. */
const played: Readonly<Record<string, readonly [played: number, lacks: readonly Need[]]>> = {
  'node:http': [142, []],
  'node:https': [142, []],
  'node:http2 without TLS': [117, ['HTTP/1']],
  'node:http2 with TLS': [117, ['HTTP/1']],
  'node:http2 asked in HTTP/1.1': [142, []],
  Connect: [142, []],
  'Polka 0.5': [142, []],
  'Polka 1': [142, []],
  'Express 4': [142, []],
  'Express 5': [142, []],
  'Fastify 4': [115, ['connect middleware', 'errors on the node response']],
  'Fastify 5': [115, ['connect middleware', 'errors on the node response']],
  'Koa 2': [118, ['connect middleware']],
  'Koa 3': [118, ['connect middleware']],
  Hono: [79, ['connect middleware', 'errors on the node response', 'node response']],
  'a fetch handler': [79, ['connect middleware', 'errors on the node response', 'node response']],
};

describe('the suite', () => {
  it('says of each adapter how much of it is played, and what is lacking', () => {
    const found = adapters.map((adapter) => {
      const count = all.filter(([, one]) => lacking(adapter, one) === undefined).length;
      return [adapter.name, [count, Object.keys(adapter.lacks).sort()]];
    });
    expect(Object.fromEntries(found)).toEqual(played);
  });

  it('plays at least sixty cases on every adapter', () => {
    for (const [name, [count]] of Object.entries(played)) expect(count, name).toBeGreaterThanOrEqual(60);
  });

  it('has a reason for everything that is lacking, and a case that needs it', () => {
    const needed = new Set(all.flatMap(([, one]) => needsOf(one)));
    for (const { lacks } of adapters) {
      for (const [need, reason] of Object.entries(lacks)) {
        expect(reason.length, need).toBeGreaterThan(20);
        expect(needed).toContain(need);
      }
    }
  });

  it('lists differences of cases that are there, with their reason', () => {
    for (const { differs = {} } of adapters) {
      for (const [title, reason] of Object.entries(differs)) {
        expect(Object.keys(cases)).toContain(title);
        expect(reason.length, title).toBeGreaterThan(20);
      }
    }
  });
});
