/** The specification as data: test-vectors/paths.json. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Naming } from '../../src/contracts.ts';
import { layouts } from '../../src/key/layouts/all.ts';
import { placeOf, targetOf } from '../../src/key/place.ts';
import { spell } from '../../src/key/spelling.ts';
import { parseTarget } from '../../src/key/target.ts';
import { reasons } from '../../src/policy/reasons.ts';
import { reasonOf } from './spec.ts';

interface Outcome {
  readonly place?: string;
  readonly inFolder?: string;
  readonly reason?: string;
}
type LayoutName = 'mirror' | 'html' | 'index-always' | 'index-never';
type Vector = { readonly target: string; readonly reason?: string } & Readonly<
  Partial<Record<LayoutName, Outcome>>
>;
interface Vectors {
  readonly layouts: Readonly<
    Record<LayoutName, Omit<Partial<Naming>, 'layout'> & { layout: keyof typeof layouts }>
  >;
  readonly naming: Pick<Naming, 'pageFile' | 'maxPath'>;
  readonly order: readonly string[];
  readonly groups: readonly { group: string; naming?: Partial<Naming>; vectors: readonly Vector[] }[];
}

const file: Vectors = JSON.parse(
  readFileSync(new URL('../../test-vectors/paths.json', import.meta.url), 'utf8'),
);
const names = Object.keys(file.layouts) as LayoutName[];

function outcomeOf(text: string, naming: Naming): Outcome {
  const target = parseTarget(text);
  const place = target.kind === 'target' ? placeOf(target, naming) : target;
  if (place.kind === 'bypass') return { reason: place.reason };
  return { place: place.path, ...(place.inFolder === undefined ? {} : { inFolder: place.inFolder }) };
}

function namingFor(name: LayoutName, group: Partial<Naming> | undefined): Naming {
  const { layout, ...rest } = file.layouts[name];
  return {
    trailingSlash: 'always',
    directoryIndex: '',
    ...file.naming,
    ...rest,
    ...group,
    layout: layouts[layout],
  };
}

describe.each(file.groups)('$group', ({ naming, vectors }) => {
  test.each(names)('%s', (name) => {
    const inForce = namingFor(name, naming);
    for (const vector of vectors) {
      const expected = vector.reason === undefined ? vector[name] : { reason: vector.reason };
      expect(outcomeOf(vector.target, inForce), vector.target).toEqual(expected);
      for (const path of [expected?.place, expected?.inFolder]) {
        if (path !== undefined) expect(targetOf(path, inForce), path).toBe(vector.target);
      }
    }
  });

  test('the target is read as the specification reads it', () => {
    for (const { target } of vectors) {
      const read = parseTarget(target);
      expect(read.kind === 'bypass' ? read.reason : undefined, target).toBe(reasonOf(target));
      if (read.kind === 'target') expect(spell(target)).toBe(target);
    }
  });
});

test('the file is whole: enough vectors, none twice, every reason of the mapping', () => {
  const all = file.groups.flatMap(({ naming, vectors }) =>
    vectors.map((vector) => ({ ...vector, id: `${vector.target} ${JSON.stringify(naming)}` })),
  );
  expect(all.length).toBeGreaterThanOrEqual(600);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  const used = new Set(
    all.flatMap((vector) => [vector.reason, ...names.map((name) => vector[name]?.reason)]),
  );
  used.delete(undefined);
  expect([...used].sort()).toEqual([...file.order].sort());
  for (const reason of file.order) expect(reasons.map(({ name }) => name)).toContain(reason);
});

test('no two vectors of a layout share a place', () => {
  for (const name of names) {
    for (const { vectors } of file.groups) {
      const places = vectors.flatMap((vector) => [vector[name]?.place, vector[name]?.inFolder]);
      const taken = places.filter((place) => place !== undefined);
      expect(new Set(taken).size).toBe(taken.length);
    }
  }
});
