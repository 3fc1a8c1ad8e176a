import type { UrlResult, WarmSummary } from '../results.ts';
import { count, plural } from './numbers.ts';
import type { Ending, Output } from './outputs.ts';
import { printable } from './printable.ts';
import { reasonText } from './summary.ts';
import { WholeFile } from './whole-file.ts';

/** The most pages that have a case of their own: programs that show such files read them whole. */
const mostCases = 10_000;

/**
 * A run in the format of JUnit, which CI systems show: a case for each page that is not stored, one for those that are,
 * and one for the whole. When the run was good enough all the same, nothing in it has failed: such pages are `skipped`.
 */
export class JunitFile implements Output {
  readonly #file: WholeFile;
  readonly #missing: UrlResult[] = [];
  #more = 0;

  /** @throws {WarmError} `ERR_PAGETREE_REPORT`, before anything is fetched. */
  constructor(file: string) {
    this.#file = new WholeFile(file, 'report');
  }

  result(result: UrlResult): void {
    if (result.reason === undefined) return;
    if (this.#missing.length < mostCases) this.#missing.push(result);
    else this.#more += 1;
  }

  finish(summary: WarmSummary, { exitCode, missed }: Ending): Promise<void> {
    const { origin, seconds, stored, present, planned } = summary;
    const good = exitCode === 0;
    const cases = [
      testCase('the run', seconds, good ? '' : fault('failure', missed.join(' ') || `exit code ${exitCode}`)),
      ...(stored + present + planned === 0 ? [] : [testCase(thereText(summary))]),
      ...this.#missing.map((result) => pageCase(result, good)),
      ...(this.#more === 0
        ? []
        : [testCase(`and ${plural(this.#more, 'page')} more`, 0, notStored('failed', good, 'not stored'))]),
    ];
    const tell = (word: string) => cases.filter((one) => one.includes(`<${word} `)).length;
    const counts = `tests="${cases.length}" failures="${tell('failure')}" errors="${tell('error')}" skipped="${tell('skipped')}" time="${seconds.toFixed(3)}"`;
    this.#file.write(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="cache-warm" ${counts.replace(/ skipped="\d+"/, '')}>
<testsuite name="${xml(origin)}" ${counts} timestamp="${new Date(Date.now() - seconds * 1000).toISOString().slice(0, 19)}">
`);
    for (const one of cases) this.#file.write(one);
    this.#file.write('</testsuite>\n</testsuites>\n');
    return this.#file.finish();
  }

  discard(): void {
    this.#file.discard();
  }
}

function thereText({ stored, present, planned }: WarmSummary): string {
  if (planned > 0) return `${plural(planned, 'page')} would be fetched`;
  return `${plural(stored + present, 'page')} in the tree, ${count(stored)} of them new`;
}

function pageCase(result: UrlResult, good: boolean): string {
  const { url, outcome, reason, detail, source, line, status, tries, milliseconds = 0 } = result;
  const { what, fix } = reasonText(reason!);
  const facts = [
    `${what} ${fix}`,
    ...(detail === undefined ? [] : [detail]),
    ...(status === undefined ? [] : [`status ${status}`]),
    ...(tries === undefined ? [] : [`${tries} tries`]),
    `${source}, line ${line}`,
  ];
  return testCase(url, milliseconds / 1000, notStored(outcome, good, reason!, facts.join('\n')));
}

/** `failed` is an error, which may pass; `refused` a failure; both are nothing in a run that is good enough. */
function notStored(outcome: string, good: boolean, reason: string, text = ''): string {
  return fault(good ? 'skipped' : outcome === 'failed' ? 'error' : 'failure', reason, text);
}

function fault(word: 'skipped' | 'error' | 'failure', reason: string, text = ''): string {
  const type = word === 'skipped' ? '' : ` type="${xml(reason.slice(0, 60))}"`;
  return `<${word} message="${xml(reason)}"${type}>${xml(text)}</${word}>`;
}

function testCase(name: string, seconds = 0, inside = ''): string {
  return `<testcase classname="cache-warm" name="${xml(name)}" time="${seconds.toFixed(3)}">${inside}</testcase>\n`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for XML, without what must not stand in it: most control characters, even as entities. Lines stay lines. */
function xml(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line, 2000))
    .join('\n')
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"]/g, (character) => entities[character]!);
}
