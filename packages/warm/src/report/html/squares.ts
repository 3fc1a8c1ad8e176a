/** A rectangle, in any unit. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Divides an area by weights, the heaviest first, into rectangles that are as square as can be (squarified tree map, Bruls,
 * Huizing and van Wijk, 2000). Weights are above 0. Pure.
 */
export function squares(weights: readonly number[], area: Area): Area[] {
  const placed: Area[] = [];
  let rest = area;
  let total = weights.reduce((sum, weight) => sum + weight, 0);
  let at = 0;
  while (at < weights.length) {
    const side = Math.min(rest.width, rest.height);
    const unit = total > 0 ? (rest.width * rest.height) / total : 0;
    let end = at + 1;
    while (
      end < weights.length &&
      worst(weights, at, end + 1, side, unit) <= worst(weights, at, end, side, unit)
    ) {
      end += 1;
    }
    const row = weights.slice(at, end);
    const weight = row.reduce((sum, one) => sum + one, 0);
    const laid = layRow(row, weight, total > 0 ? weight / total : 0, rest);
    placed.push(...laid.areas);
    rest = laid.rest;
    total -= weight;
    at = end;
  }
  return placed;
}

/** How far from square the worst of a row is: 1 is square. */
function worst(weights: readonly number[], from: number, to: number, side: number, unit: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 1) sum += weights[at]! * unit;
  const depth = sum / side;
  const ratio = (weight: number) => Math.max(depth ** 2 / (weight * unit), (weight * unit) / depth ** 2);
  // The first of a row is the heaviest, the last the lightest.
  return Math.max(ratio(weights[from]!), ratio(weights[to - 1]!));
}

function layRow(row: readonly number[], weight: number, share: number, { x, y, width, height }: Area) {
  const upright = width >= height;
  const depth = (upright ? width : height) * share;
  let along = 0;
  const areas = row.map((one): Area => {
    const length = ((upright ? height : width) * one) / weight;
    const begin = along;
    along += length;
    return upright
      ? { x, y: y + begin, width: depth, height: length }
      : { x: x + begin, y, width: length, height: depth };
  });
  const rest: Area = upright
    ? { x: x + depth, y, width: Math.max(0, width - depth), height }
    : { x, y: y + depth, width, height: Math.max(0, height - depth) };
  return { areas, rest };
}
