import { WarmError } from '../errors.ts';
import { parseLogLine } from './access-log.ts';
import type { Found } from './entry.ts';
import { Hottest } from './hottest.ts';
import { judgeText, type Line, LineSplitter } from './lines.ts';

/** The longest line: a target, a referrer and a user agent, each as long as a server takes them. */
const longestLine = 64 * 1024;

/** Why lines of a log say nothing about a page. */
type Skipped = 'no log lines' | 'not GET' | 'not answered 200' | 'with a query';

/**
 * Reads an access log to its end, then gives the pages that visitors got, the hottest first. Requests that cannot be
 * stored (another method, another status than 200, a query) are counted and told; those of cache-warm make no page hot. A line
 * that is none of a log was perhaps cut, and then named a page: that is told, too.
 *
 * @throws {WarmError} `ERR_PAGETREE_LIST` when no line is one of a log.
 */
export async function* readLog(chunks: AsyncIterable<Uint8Array>, source: string): AsyncGenerator<Found> {
  const hottest = new Hottest();
  const skipped = new Map<Skipped, { count: number; readonly first: number }>();
  const splitter = new LineSplitter(readRawLine, longestLine);
  let lines = 0;

  const skip = (why: Skipped, number: number) => {
    const counted = skipped.get(why);
    if (counted === undefined) skipped.set(why, { count: 1, first: number });
    else counted.count += 1;
  };
  const take = (line: Line) => {
    lines += 1;
    const said = 'problem' in line ? undefined : parseLogLine(line.text);
    if (said === undefined) skip('no log lines', line.number);
    else if (said.method !== 'GET') skip('not GET', line.number);
    else if (said.status !== 200) skip('not answered 200', line.number);
    else if (said.target.includes('?')) skip('with a query', line.number);
    else hottest.add(said.target, line.number, said.agent.startsWith('pagetree-warm/') ? 0 : 1);
  };

  for await (const chunk of chunks) for (const line of splitter.push(chunk)) take(line);
  for (const line of splitter.end()) take(line);
  if (lines > 0 && skipped.get('no log lines')?.count === lines) {
    throw new WarmError('ERR_PAGETREE_LIST', 'it has no line of an access log', {
      hint: 'The formats common and combined are known, as nginx and Apache write them.',
    });
  }
  if (skipped.size > 0) yield { notice: tell(lines, skipped), badLines: skipped.has('no log lines') };
  for (const { target, hits, line } of hottest.drain()) {
    yield { ...judgeText(target, line), source, priority: hits };
  }
}

function tell(
  lines: number,
  skipped: ReadonlyMap<Skipped, { count: number; readonly first: number }>,
): string {
  const parts = [...skipped].map(([why, { count, first }]) => `${count} ${why} (first: line ${first})`);
  return `left out of ${lines} lines: ${parts.join(', ')}`;
}

function readRawLine(line: Buffer, number: number): Line | undefined {
  if (line.length > longestLine) return { number, text: '', problem: `longer than ${longestLine} bytes` };
  const text = line.toString('utf8').trim();
  return text === '' || text.startsWith('#') ? undefined : { number, text };
}
