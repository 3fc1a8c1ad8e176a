import type { UrlResult } from '../results.ts';
import { Examples } from './examples.ts';
import { Histogram } from './histogram.ts';
import { hasPage } from './lists.ts';
import { Sections } from './sections.ts';
import { Timeline } from './timeline.ts';

const mostListed = 20;
const mostExamples = 30;

/** Everything that the plots of a run are drawn from. A million pages need no more memory than some thousand. */
export class Figures {
  /** Milliseconds from the request to the last byte. */
  readonly times = new Histogram();
  /** Bytes of the pages that were stored. */
  readonly sizes = new Histogram();
  readonly timeline: Timeline;
  readonly statuses = new Map<number, number>();
  readonly sections = new Sections();
  readonly examples = new Examples(mostExamples);
  readonly slowest: UrlResult[] = [];
  readonly largest: UrlResult[] = [];
  readonly #now: () => number;

  /** @param now Milliseconds that only grow. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.timeline = new Timeline(now());
  }

  add(result: UrlResult): void {
    const { url, outcome, milliseconds, status, bytes = 0 } = result;
    this.timeline.add(outcome, this.#now());
    this.examples.add(result);
    if (milliseconds !== undefined) this.times.add(milliseconds);
    if (status !== undefined) this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (outcome === 'stored') this.sizes.add(bytes);
    if (hasPage(result)) this.sections.add(pathOf(url), bytes, result.reason !== undefined);
    keepTop(this.slowest, result, (one) => one.milliseconds ?? 0);
    if (outcome === 'stored') keepTop(this.largest, result, (one) => one.bytes ?? 0);
  }
}

/** Keeps a list of the highest, the highest first. */
function keepTop(list: UrlResult[], result: UrlResult, sizeOf: (result: UrlResult) => number): void {
  const size = sizeOf(result);
  if (size === 0 || (list.length === mostListed && size <= sizeOf(list.at(-1)!))) return;
  const after = list.findIndex((one) => sizeOf(one) < size);
  list.splice(after === -1 ? list.length : after, 0, result);
  if (list.length > mostListed) list.pop();
}

/** @example pathOf('http://a/b?c') === '/b?c' */
function pathOf(url: string): string {
  const slash = url.indexOf('/', url.indexOf('://') + 3);
  return slash === -1 ? '/' : url.slice(slash);
}
