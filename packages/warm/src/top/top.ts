/** `pagetree top`: looks at a running tree again and again. */
import type { PageCache } from '@pagetree/core';
import { exitCodes } from '../commands/exit-codes.ts';
import { seconds } from '../config/values.ts';
import { timeText } from '../tree/age.ts';
import { jsonText } from '../tree/json.ts';
import { type Around, openFor, type TreeFlags } from '../tree/open.ts';
import { type Paint, paintFor } from '../tree/paint.ts';
import { readCounters } from './counters.ts';
import { readUnderWay } from './fills.ts';
import { countPages, keepCounting, type PageCount } from './page-count.ts';
import { Growth } from './rates.ts';
import { Screen } from './screen.ts';
import { frame, type Look } from './view.ts';

/** What the command line says to `pagetree top`. */
export interface TopFlags extends TreeFlags {
  readonly once: boolean;
  /** Seconds. */
  readonly interval?: string | undefined;
}

/** So many fills are named; no screen has more lines. */
const NAMED = 200;

/** q, Q, and what a raw terminal sends for Ctrl-C and Ctrl-D. */
const endKeys: ReadonlySet<number> = new Set([0x71, 0x51, 0x03, 0x04]);

/** Shows a tree until somebody has seen enough, or once. Answers the exit code. */
export async function watchTree(
  flags: TopFlags,
  around: Around & { readonly signals: Pick<NodeJS.Process, 'on' | 'off'> },
): Promise<number> {
  const { stdout, env } = around;
  const interval = flags.interval === undefined ? 1 : seconds('--interval', flags.interval);
  const cache = await openFor(flags, around);
  const growth = new Growth();
  const look = (pages: PageCount | undefined): Look => ({
    cacheDir: cache.cacheDir,
    now: Date.now(),
    pages,
    totals: growth.look(readCounters(cache.cacheDir), performance.now()),
    underWay: readUnderWay(cache.cacheDir, NAMED),
  });
  const isLive = stdout.isTTY === true && env.TERM !== 'dumb' && !flags.once && !flags.json;
  if (!isLive) {
    const once = look(await countPages(cache));
    const room = { columns: stdout.isTTY ? stdout.columns || 80 : 1000, rows: Number.POSITIVE_INFINITY };
    const text = () => `${frame(once, room, paintFor(stdout, env)).join('\n')}\n`;
    stdout.write(flags.json ? documentOf(once) : text());
    return exitCodes.done;
  }
  return watch(cache, look, interval * 1000, paintFor(stdout, env), around);
}

/** Draws until `q`, Ctrl-C or a signal; whatever ends it, the terminal is given back. */
async function watch(
  cache: PageCache,
  look: (pages: PageCount | undefined) => Look,
  interval: number,
  paint: Paint,
  { stdin, stdout, signals }: Parameters<typeof watchTree>[1],
): Promise<number> {
  const screen = new Screen(stdout);
  const stop = new AbortController();
  let pages: PageCount | undefined;
  let exitCode: number = exitCodes.done;
  let last = look(pages);
  const redraw = () => screen.draw(frame(last, screen.room, paint));
  const draw = () => {
    last = look(pages);
    redraw();
  };
  const typed = (keys: Buffer) => {
    if (keys.some((key) => endKeys.has(key))) stop.abort();
  };
  const heard = (name: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => {
    exitCode = name === 'SIGINT' ? exitCodes.done : exitCodes.SIGTERM;
    stop.abort();
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) signals.on(name, heard);
  stdout.on('resize', redraw);
  const wasRaw = stdin.isTTY && stdin.isRaw;
  if (stdin.isTTY) stdin.setRawMode(true).resume().on('data', typed);
  const timer = setInterval(draw, interval);
  try {
    draw();
    const counting = keepCounting(cache, stop.signal, (found) => {
      // The first number is waited for.
      const isFirst = pages === undefined;
      pages = found;
      if (isFirst) draw();
    });
    await ended(stop.signal, stdout);
    stop.abort();
    await counting;
  } finally {
    clearInterval(timer);
    for (const name of names) signals.off(name, heard);
    stdout.off('resize', redraw);
    if (stdin.isTTY)
      stdin
        .off('data', typed)
        .setRawMode(wasRaw === true)
        .pause();
    screen.close();
  }
  return exitCode;
}

/** Resolves when it shall end, or when nobody can see it any more. */
function ended(signal: AbortSignal, stdout: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    stdout.once('close', resolve);
  });
}

/** One look, for programs. Rates need two: they are left to who looks twice. */
function documentOf({ cacheDir, now, pages, totals, underWay }: Look): string {
  const { processes, pids, numbers, reasons } = totals;
  const { bypassed, refused, aborted, unstored, errors, ...counts } = numbers;
  const document = {
    cacheDir,
    at: timeText(now),
    pages: pages?.pages ?? null,
    bytes: pages?.bytes ?? null,
    processes,
    pids,
    counts: { ...counts, bypassed, refused, aborted, unstored, errors },
    reasons: Object.fromEntries(
      Object.entries(reasons).map(([kind, all]) => [
        kind,
        Object.fromEntries(all.map((one) => [one.reason, one.count])),
      ]),
    ),
    fills: underWay.fills,
    purges: underWay.purges,
    oldest: underWay.oldest.map(({ key, pid, since }) => ({
      key: key ?? null,
      pid: pid ?? null,
      since: timeText(since),
    })),
  };
  return `${jsonText(document, 2)}\n`;
}
