/**
 * The protocol of fill, purge and move, proved on a model: every order of the file calls of two or three processes, with a death
 * anywhere. `same-calls.test.ts` shows that the code makes the calls of the model.
 */
import { describe, expect, it } from 'vitest';
import { LONG } from '../support/long.ts';
import { inHalves, inPieces, longer } from './scenarios.ts';
import { type ModelScenario, type Searched, search } from './search.ts';

function prove(scenario: ModelScenario, least: number): Searched {
  const found = search(scenario);
  if (found.fault) expect.fail(`${found.fault.what}\n${found.fault.trace.join('\n')}`);
  expect(found.states).toBeGreaterThan(least);
  expect(found.outcomes.size).toBeGreaterThan(2);
  return found;
}

describe('no order of file calls, and no death, breaks the protocol', () => {
  it.each(Object.entries(inHalves))('when a rename may be overtaken in the middle: %s', (_, scenario) => {
    prove(scenario, 400);
  });

  it.each(Object.entries(LONG ? { ...inPieces, ...longer } : inPieces))(
    '%s',
    (_, scenario) => {
      prove({ ...scenario, atomic: true }, 20_000);
    },
    LONG ? 1_800_000 : 120_000,
  );
});
