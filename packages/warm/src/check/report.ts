/** How a check is told: each flaw as it is found, where to look for it, and a summary. */
import { plural } from '../report/numbers.ts';
import { printable } from '../report/printable.ts';
import { LongDocument } from '../tree/json.ts';
import type { Output } from '../tree/output.ts';
import type { Paint } from '../tree/paint.ts';
import type { Flaw } from './compare.ts';
import type { Judged } from './judge.ts';
import { type ServerKind, whereToLook } from './where.ts';

/** Where a check is told. */
export interface Telling {
  begin(): Promise<unknown>;
  judged(judged: Judged): Promise<unknown>;
  end(summary: Summary): Promise<unknown>;
}

/** What a check came to. */
export interface Summary {
  readonly questions: number;
  /** Stored pages that were asked for. */
  readonly pages: number;
  /** Pages that went or changed while they were asked for, or that no visitor gets. */
  readonly passedOver: number;
  /** Pages that the application answered and not the server. */
  readonly fromNode: number;
  readonly differences: number;
  readonly notes: number;
  readonly exitCode: number;
}

/** What stands above a report. */
export interface Heading {
  readonly frontEnd: string;
  readonly origin: string | undefined;
  readonly cacheDir: string;
  readonly server: ServerKind | undefined;
}

const LONGEST = 400;

/** For people. */
export class Text implements Telling {
  readonly #output: Output;
  readonly #paint: Paint;
  readonly #heading: Heading;
  readonly #verbose: boolean;
  readonly #where = new Set<string>();
  readonly #notes = new Map<string, number>();

  constructor(output: Output, paint: Paint, heading: Heading, verbose: boolean) {
    this.#output = output;
    this.#paint = paint;
    this.#heading = heading;
    this.#verbose = verbose;
  }

  async begin(): Promise<void> {}

  async judged(judged: Judged): Promise<void> {
    const { name, asking, flaws, topic } = judged;
    const question = `${asking.method} ${printable(asking.target, LONGEST)}`;
    if (this.#verbose && flaws.length === 0) {
      await this.#output.write(`${this.#paint('green', 'same     ')}  ${question}  ${printable(name)}\n`);
    }
    for (const one of flaws) {
      const said = saidOf(one);
      if (one.harmless) {
        const note = noteOf(one, name);
        this.#notes.set(note, (this.#notes.get(note) ?? 0) + 1);
        if (!this.#verbose) continue;
      } else for (const line of linesFor(judged, one, this.#heading.server)) this.#where.add(line);
      const kind = one.harmless ? this.#paint('dim', 'note     ') : this.#paint('red', 'different');
      const of = judged.of === 'application' ? 'the application itself: ' : '';
      const fields = fieldsOf(judged);
      const title = topic === 'spelling' || topic === 'internal' ? topic : name;
      await this.#output.write(
        `${kind}  ${question}${fields}\n           ${of}${printable(title)}: ${said}\n`,
      );
    }
  }

  async end(summary: Summary): Promise<void> {
    const { questions, pages, passedOver, fromNode, differences, notes } = summary;
    const lines = [...this.#where].map((line) => `  ${line}\n`);
    if (lines.length > 0) await this.#output.write(`\nWhere to look:\n${lines.join('')}`);
    const asked = `${plural(questions, 'question')}, ${plural(pages, 'stored page')}`;
    const verdict = differences === 0 ? 'the same as the middleware' : plural(differences, 'difference');
    await this.#output.write(`${differences === 0 ? '' : '\n'}${asked}: ${verdict}.\n`);
    if (notes > 0) {
      const known = [...this.#notes].map(([said, times]) => `  ${plural(times, 'time')}  ${said}\n`);
      await this.#output.write(`Known differences, which do no harm:\n${known.join('')}`);
    }
    if (fromNode > 0) {
      await this.#output.write(
        `${plural(fromNode, 'page')} came from the application and not from this server: see root and the rights of the tree.\n`,
      );
    }
    if (passedOver > 0) {
      await this.#output.write(
        `${plural(passedOver, 'page')} passed over: purged or changed meanwhile, or kept from visitors by a rule.\n`,
      );
    }
  }
}

/** For programs: one document. */
export class Json implements Telling {
  readonly #document: LongDocument;
  readonly #heading: Heading;
  readonly #verbose: boolean;

  constructor(output: Output, heading: Heading, verbose: boolean) {
    this.#document = new LongDocument(output);
    this.#heading = heading;
    this.#verbose = verbose;
  }

  begin(): Promise<unknown> {
    const { frontEnd, origin, cacheDir, server } = this.#heading;
    return this.#document.begin(
      { frontEnd, origin: origin ?? null, cacheDir, server: server ?? null },
      'answers',
    );
  }

  async judged(judged: Judged): Promise<void> {
    const { name, topic, asking, flaws, of } = judged;
    if (flaws.length === 0 && !this.#verbose) return;
    await this.#document.item({
      name,
      topic,
      of,
      request: { method: asking.method, target: asking.target, headers: asking.headers },
      differences: flaws.map((one) => ({
        ...one,
        where: one.harmless ? [] : linesFor(judged, one, this.#heading.server),
      })),
    });
  }

  end(summary: Summary): Promise<unknown> {
    return this.#document.end({ ...summary });
  }
}

function linesFor(judged: Judged, one: Flaw, server: ServerKind | undefined): string[] {
  if (judged.of === 'application') {
    return ['application: its options and pagetree.config.* must be the same, and its tree this one'];
  }
  return whereToLook(judged.topic, one, server);
}

function saidOf({ aspect, expected, got }: Flaw): string {
  return printable(`${aspect}: expected ${expected}; got ${got}`, LONGEST);
}

/** Notes that are alike are told once. */
function noteOf(one: Flaw, name: string): string {
  const { aspect, expected, got } = one;
  if (aspect === 'validators' && expected.startsWith('ETag')) {
    return got === 'none'
      ? 'validators: no ETag, the date decides'
      : 'validators: another ETag than that of the middleware';
  }
  if (aspect === 'headers') {
    const name = printable(expected.split(':', 1)[0]!);
    return `headers: ${name} was stored and is not sent; with fidelity: 'strict' only the middleware serves such pages`;
  }
  return aspect === 'leak' ? `${name}: ${saidOf(one)}` : saidOf(one);
}

/** The fields that make the question another one. They are our own, none is a secret. */
function fieldsOf({ asking }: Judged): string {
  const fields = Object.entries(asking.headers).map(([name, value]) => `${name}: ${value}`);
  return fields.length === 0 ? '' : `  ${printable(fields.join(', '), LONGEST)}`;
}
