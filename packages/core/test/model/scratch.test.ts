import { test } from 'vitest';
import { fill } from './fill.ts';
import { everyVersion, purgeEverything, purgeKey, purgePattern, purgeTag } from './purge.ts';
import { search } from './search.ts';

const scenarios = {
  fill: { actors: [fill()] },
  '2 fills': { actors: [fill(), fill()] },
  '2 refreshes': { actors: [fill({ refresh: true }), fill({ refresh: true })], old: true },
  '2 overdue': {
    actors: [fill({ refresh: true, overdue: true }), fill({ refresh: true, overdue: true })],
    old: true,
  },
  'fill key': { actors: [fill({ refresh: true }), purgeKey], old: true },
  'fill pattern': { actors: [fill({ refresh: true }), purgePattern], old: true },
  'fill tag': {
    actors: [fill({ refresh: true, tag: true }), purgeTag(everyVersion)],
    old: true,
    listed: true,
  },
  'fill all': { actors: [fill({ refresh: true }), purgeEverything], old: true },
  'fill fill key': { actors: [fill({ refresh: true }), fill({ refresh: true }), purgeKey], old: true },
  'fill fill pattern': {
    actors: [fill({ refresh: true }), fill({ refresh: true }), purgePattern],
    old: true,
  },
  'fill fill tag': {
    actors: [fill({ refresh: true, tag: true }), fill({ refresh: true, tag: true }), purgeTag(everyVersion)],
    old: true,
    listed: true,
  },
  'fill fill all': { actors: [fill({ refresh: true }), fill({ refresh: true }), purgeEverything], old: true },
  'nf fill fill key': { actors: [fill(), fill(), purgeKey], old: false },
  'fill tag lose': { actors: [fill({ refresh: true }), purgeTag(32)], old: true, listed: true },
  'overdue key': {
    actors: [fill({ refresh: true, overdue: true }), fill({ refresh: true, overdue: true }), purgeKey],
    old: true,
  },
  'overdue all': {
    actors: [fill({ refresh: true, overdue: true }), fill({ refresh: true, overdue: true }), purgeEverything],
    old: true,
  },
  'tag tag': {
    actors: [fill({ refresh: true, tag: true }), purgeTag(everyVersion), purgeTag(everyVersion)],
    old: true,
    listed: true,
  },
  'key all': { actors: [fill({ refresh: true }), purgeKey, purgeEverything], old: true },
  'key key': { actors: [fill({ refresh: true }), purgeKey, purgeKey], old: true },
  'pattern all': { actors: [fill({ refresh: true }), purgePattern, purgeEverything], old: true },
  'tag all': {
    actors: [fill({ refresh: true, tag: true }), purgeTag(everyVersion), purgeEverything],
    old: true,
    listed: true,
  },
};
for (const [name, scenario] of Object.entries(scenarios))
  test(name, () => {
    const t = performance.now();
    const r = search(scenario);
    console.log(
      name,
      r.states,
      Math.round(performance.now() - t),
      'ms',
      [...r.outcomes].length,
      r.fault?.what,
    );
    if (r.fault) console.log(r.fault.trace.join('\n'));
  }, 600000);
