import { appendFileSync } from 'node:fs';
import type { ReasonCount, UrlResult, WarmSummary } from '../results.ts';
import { Examples } from './examples.ts';
import type { MeterStream } from './meter.ts';
import { bytes, count, duration, rate } from './numbers.ts';
import type { Ending, Output } from './outputs.ts';
import { printable } from './printable.ts';
import { heading, pace, reasonText } from './summary.ts';

/** GitHub shows ten errors and ten warnings of a step, and drops the others. */
const mostAnnotations = 10;
const mostExamples = 5;
/** The most characters of one line of a message. */
const mostOfLine = 2000;
/** The most reasons in the summary, which may have 1 MiB. */
const mostReasons = 100;

/** Where the words for GitHub Actions go. */
export interface GithubOptions {
  /** The log of the step: commands in it are obeyed on standard error as well. */
  readonly log: { write(text: string): unknown };
  /** `GITHUB_STEP_SUMMARY`; without it there is no summary. */
  readonly summaryFile: string | undefined;
}

/**
 * Tells a run to GitHub Actions: annotations, one for each reason, and a summary of the step.
 * Errors when the run failed, else warnings.
 */
export class Github implements Output {
  readonly #options: GithubOptions;
  readonly #examples = new Examples(mostExamples);

  constructor(options: GithubOptions) {
    this.#options = options;
  }

  result(result: UrlResult): void {
    this.#examples.add(result);
  }

  finish(summary: WarmSummary, ending: Ending): void {
    const { log } = this.#options;
    for (const line of annotations(summary, ending, this.#examples)) log.write(`${line}\n`);
    addSummary(this.#options, stepSummary(summary, ending, this.#examples));
  }

  discard(): void {}
}

/** Tells of a run that came to nothing: a mistake in its options, no application, no list, nobody who answers. */
export function tellFailure(
  options: GithubOptions,
  { message, hint }: { readonly message: string; readonly hint: string | undefined },
): void {
  const text = hint === undefined ? message : `${message}\n${hint}`;
  const lines = text.split('\n').map((line) => printable(line, mostOfLine));
  options.log.write(`${command('error', 'cache-warm', lines.join('\n'))}\n`);
  addSummary(options, `### ❌ cache-warm\n\n${lines.map(markdown).join('\n\n')}\n\n`);
}

/** The run is what counts, and it is over: a summary that cannot be written is told of, and no more. */
function addSummary({ log, summaryFile }: GithubOptions, text: string): void {
  if (!summaryFile) return;
  try {
    appendFileSync(summaryFile, text);
  } catch (error) {
    const why = `The step summary cannot be written: ${(error as Error).message}`;
    log.write(`${command('warning', 'cache-warm', why)}\n`);
  }
}

/** One line for each reason, the most frequent first, behind one that says what the run lacks. Pure. */
export function annotations(
  { reasons }: Pick<WarmSummary, 'reasons'>,
  { exitCode, missed }: Ending,
  examples: Examples,
): string[] {
  const level = exitCode === 0 ? 'warning' : 'error';
  const whole = missed.length === 0 ? [] : [command(level, 'cache-warm', missed.join(' '))];
  const each = reasons
    .slice(0, mostAnnotations - whole.length)
    .map((counted) => command(level, titleOf(counted), textOf(counted, examples)));
  return [...whole, ...each];
}

function titleOf({ reason, count: urls }: ReasonCount): string {
  return `cache-warm: ${count(urls)} not stored, ${reason}`;
}

function textOf(counted: ReasonCount, examples: Examples): string {
  const { what, fix } = reasonText(counted.reason);
  const some = examples.of(counted);
  const named = some.map(({ url, detail }) =>
    [printable(url), ...(detail === undefined ? [] : [`(${printable(detail)})`])].join(' '),
  );
  const more = counted.count - some.length;
  return [`${what} ${fix}`, ...named, ...(more > 0 ? [`and ${count(more)} more`] : [])].join('\n');
}

/** A command of the log. What stands for something else in one is written as GitHub's own toolkit writes it. */
function command(level: 'error' | 'warning', title: string, text: string): string {
  const data = text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = title
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A')
    .replaceAll(':', '%3A')
    .replaceAll(',', '%2C');
  return `::${level} title=${property}::${data}`;
}

/** The run as Markdown. Pure. */
export function stepSummary(summary: WarmSummary, { exitCode, missed }: Ending, examples: Examples): string {
  const { stored, present, refused, failed, planned, reasons, urls, seconds } = summary;
  const rows = Object.entries({ ...(planned > 0 ? { planned } : {}), stored, present, refused, failed });
  const lines = [
    `### ${exitCode === 0 ? '✅' : '❌'} cache-warm: ${markdown(summary.origin)}`,
    '',
    ...missed.flatMap((sentence) => [markdown(sentence), '']),
    '| URLs | |',
    '| --- | ---: |',
    ...rows.map(([name, value]) => `| ${name} | ${count(value)} |`),
    '',
    `${heading(summary)}: ${count(urls)} URLs in ${duration(seconds)}, ${rate(pace(summary))} a second, ${bytes(summary.bytes)} stored.`,
    '',
  ];
  if (reasons.length > 0) {
    lines.push('| not stored | why | what to do | for example |', '| ---: | --- | --- | --- |');
    for (const counted of reasons.slice(0, mostReasons)) {
      const { what, fix } = reasonText(counted.reason);
      const [first] = examples.of(counted);
      const cells = [`${counted.reason}: ${what}`, fix, first?.url ?? ''].map(markdown);
      lines.push(`| ${count(counted.count)} | ${cells.join(' | ')} |`);
    }
    lines.push('');
  }
  return `${lines.join('\n')}\n`;
}

/** Text that Markdown takes for nothing but text: a sign that is written as an entity never means structure. */
function markdown(text: string): string {
  return printable(text).replace(/[^\p{L}\p{N} /.-]/gu, (sign) => `&#${sign.codePointAt(0)!};`);
}

/** A stream in whose lines GitHub finds no command: what is printed comes from outside. */
export function withoutCommands(stream: MeterStream): MeterStream {
  return {
    // The old form of a command counts anywhere in a line, the new one only where a line begins.
    write: (text) => stream.write(text.replaceAll('##[', '# #[').replace(/^(\s*)::/gm, '$1: :')),
  };
}
