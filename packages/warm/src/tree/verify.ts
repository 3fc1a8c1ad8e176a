import { type Fault, type Finding, faults, type PageCache } from '@pagetree/core';
import { exitCodes } from '../commands/exit-codes.ts';
import { count } from '../report/numbers.ts';
import { printable } from '../report/printable.ts';
import { jsonText, LongDocument } from './json.ts';
import { Losses } from './losses.ts';
import { mending, mendMode, mustWrite } from './mend.ts';
import { type Around, openWithConfig, type TreeFlags } from './open.ts';
import { Output } from './output.ts';
import { type Paint, paintFor } from './paint.ts';

/** What the command line says to `pagetree verify`. */
export interface VerifyFlags extends TreeFlags {
  readonly fix: boolean;
  readonly ndjson: boolean;
  /** Name each page that a front-end server serves without some of its headers, and each lost variant, instead of counting them. */
  readonly losses: boolean;
}

type Counts = Partial<Record<Fault, number>>;

/** How findings are written. */
interface Writing {
  finding(finding: Finding): Promise<unknown>;
  end(counts: Counts, left: Counts | undefined): Promise<unknown>;
}

/** Names every entry of a tree that is wrong, and mends what can be mended. A healthy tree is silent. */
export async function verifyTree(flags: VerifyFlags, around: Around): Promise<number> {
  const { stdout, stderr, env } = around;
  const { cache, modes } = await openWithConfig(flags, around);
  const output = new Output(stdout);
  const writing = writingFor(flags, output, cache, paintFor(stdout, env));
  const found: Counts = {};
  const losses = new Losses();
  for await (const finding of cache.verify({ losses: true })) {
    const isLoss = losses.count(finding);
    if (!isLoss) add(found, finding.fault);
    if (!isLoss || flags.losses) await writing.finding(finding);
    if (flags.fix && finding.fault === 'wrong-mode') await mendMode(cache.cacheDir, finding.path, modes);
  }
  let left: Counts | undefined;
  if (flags.fix) {
    await output.flush();
    await mustWrite(cache.cacheDir, () => cache.sweep());
    left = {};
    for await (const { fault } of cache.verify()) add(left, fault);
  }
  await cache.close();
  await writing.end(found, left);
  await output.flush();
  stderr.write(losses.text(flags.losses));
  return sum(left ?? found) === 0 ? exitCodes.done : exitCodes.incomplete;
}

function add(counts: Counts, fault: Fault): void {
  counts[fault] = (counts[fault] ?? 0) + 1;
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}

function writingFor(flags: VerifyFlags, output: Output, cache: PageCache, paint: Paint): Writing {
  if (flags.ndjson) {
    return {
      finding: (finding) => output.write(`${jsonText(documentOf(finding))}\n`),
      end: async () => {},
    };
  }
  if (flags.json) {
    const document = new LongDocument(output);
    const begun = document.begin({ cacheDir: cache.cacheDir }, 'findings');
    return {
      finding: (finding) => document.item(documentOf(finding)),
      end: async (counts, left) => {
        await begun;
        await document.end({ count: sum(counts), counts, ...(left === undefined ? {} : { left }) });
      },
    };
  }
  const width = Math.max(...Object.keys(faults).map((name) => name.length));
  return {
    finding: ({ fault, path, detail }) => {
      const more = detail === undefined ? '' : `  (${printable(detail, 1000)})`;
      return output.write(`${paint('yellow', fault.padEnd(width))}  ${printable(path, 8192)}${more}\n`);
    },
    end: async (counts, left) => {
      if (sum(counts) > 0) await output.write(verdict(counts, left, width));
    },
  };
}

/** A finding for programs. */
function documentOf({ fault, path, key, detail }: Finding) {
  const base = { fault, path, key: key ?? null, mends: mending[fault].byItself };
  return detail === undefined ? base : { ...base, detail };
}

/** What was found, kind by kind: how often, what it means, and what becomes of it. */
function verdict(counts: Counts, left: Counts | undefined, width: number): string {
  const rows = (Object.keys(faults) as Fault[]).flatMap((fault) => {
    const times = counts[fault];
    if (times === undefined) return [];
    const { byItself, text } = mending[fault];
    const done = left !== undefined && byItself;
    const remain = left?.[fault] ?? 0;
    const end = done ? (remain === 0 ? 'Mended.' : `${count(remain)} could not be mended.`) : text;
    return [`  ${count(times).padStart(6)} ${fault.padEnd(width)}  ${faults[fault]} ${end}\n`];
  });
  const all = sum(counts);
  const number = all === 1 ? '1 wrong entry' : `${count(all)} wrong entries`;
  const after = left === undefined ? '' : sum(left) === 0 ? ', all mended' : `, ${count(sum(left))} left`;
  return `\n${number}${after}:\n${rows.join('')}`;
}
