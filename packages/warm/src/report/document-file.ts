import type { UrlResult, WarmSummary } from '../results.ts';
import { SpillList } from '../sources/spill.ts';
import { jsonText } from '../tree/json.ts';
import { Figures } from './figures.ts';
import type { Histogram } from './histogram.ts';
import type { Ending, Output } from './outputs.ts';
import { entryOf } from './report-file.ts';
import type { Sections } from './sections.ts';
import { summaryDocument } from './summary.ts';
import type { Timeline } from './timeline.ts';
import { WholeFile } from './whole-file.ts';

const mostBuckets = 48;

/**
 * A whole run as one JSON document: what `--json` tells, the figures that the HTML report draws, and every URL that was
 * not stored.
 */
export class DocumentFile implements Output {
  readonly #file: WholeFile;
  readonly #figures = new Figures();
  readonly #missing = new SpillList();

  /** @throws {WarmError} `ERR_PAGETREE_REPORT`, before anything is fetched. */
  constructor(file: string) {
    this.#file = new WholeFile(file, 'report');
  }

  result(result: UrlResult): void {
    this.#figures.add(result);
    if (result.reason !== undefined) this.#missing.add(jsonText(entryOf(result)));
  }

  finish(summary: WarmSummary, { exitCode, missed, expected }: Ending): Promise<void> {
    const document = {
      ...summaryDocument(summary, exitCode, missed),
      expected,
      ...figuresOf(this.#figures),
    };
    const text = jsonText(document, 2);
    this.#file.write(`${text.slice(0, text.lastIndexOf('\n}'))},\n  "notStored": [`);
    let between = '\n    ';
    for (const line of this.#missing.drain()) {
      this.#file.write(between + line);
      between = ',\n    ';
    }
    this.#file.write('\n  ]\n}\n');
    return this.#file.finish();
  }

  discard(): void {
    this.#missing.close();
    this.#file.discard();
  }
}

function figuresOf({ times, sizes, timeline, statuses, sections, slowest, largest }: Figures) {
  return {
    statuses: [...statuses]
      .map(([status, count]) => ({ status, count }))
      .sort((one, other) => other.count - one.count),
    /** Milliseconds. */
    times: spread(times),
    /** Bytes. */
    sizes: spread(sizes),
    timeline: overTime(timeline),
    sections: topSections(sections),
    slowest: slowest.map(standOut),
    largest: largest.map(standOut),
  };
}

/** How values are spread; the shares are exact within 12 %. */
function spread(values: Histogram) {
  if (values.count === 0) return { count: 0 };
  const share = (part: number) => rounded(values.quantile(part));
  return {
    ...{ count: values.count, least: rounded(values.least), most: rounded(values.most) },
    ...{ p50: share(0.5), p90: share(0.9), p99: share(0.99) },
    buckets: values
      .buckets(mostBuckets)
      .map(({ from, to, count }) => ({ from: rounded(from), to: rounded(to), count })),
  };
}

/** Results of each kind in stretches of so many seconds, one after the other. */
function overTime({ width, stretches }: Timeline) {
  return { seconds: width / 1000, stretches };
}

function topSections({ root }: Sections) {
  return [...(root.parts?.values() ?? [])].map(({ name, pages, bytes, missing }) => ({
    ...{ path: `/${name}`, pages, bytes, missing },
  }));
}

function standOut({ url, status, milliseconds, bytes }: UrlResult) {
  return { url, status, ...(milliseconds !== undefined && { milliseconds: rounded(milliseconds) }), bytes };
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}
