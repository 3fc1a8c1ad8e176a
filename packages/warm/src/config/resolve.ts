import type { PageChecks } from '../fetch/checks.ts';
import type { Times } from '../fetch/clocks.ts';
import { type Origin, parseOrigin } from '../plan/origin.ts';
import { parseAge } from '../tree/age.ts';
import { type Connection, readConnection } from './connection.ts';
import { type Judging, Problems } from './problems.ts';
import type { WarmSettings } from './settings.ts';
import { readTolerance, type Tolerance } from './tolerance.ts';
import { byteSize, share, wrongValue } from './values.ts';
import { keyOf, warmTable } from './warm-table.ts';

/** The settings of a run with every default filled in. Times are in seconds, shares from 0 to 1. */
export interface ResolvedSettings {
  readonly origin: Origin | undefined;
  readonly host: string | undefined;
  readonly connection: Connection;
  readonly exec: string | undefined;
  /** Where it is started. @default the working directory */
  readonly execFolder?: string | undefined;
  readonly execCount: number;
  readonly execTimeout: number;
  readonly app: string | undefined;
  readonly concurrency: number;
  readonly rate: number | undefined;
  readonly delay: number;
  readonly times: Times;
  readonly retries: number;
  readonly refresh: boolean;
  readonly olderThan: number | undefined;
  readonly lastmod: boolean;
  readonly prune: boolean;
  readonly maxShrink: number;
  readonly follow: boolean;
  readonly checks: PageChecks;
  readonly tolerance: Tolerance;
  readonly minPages: number;
  readonly maxTime: number | undefined;
  readonly publish: boolean;
  readonly keep: number;
  readonly keepFailed: boolean;
  readonly verify: Origin | undefined;
  readonly journal: string | undefined;
  readonly restart: boolean;
}

/**
 * Checks the settings and fills in what was not said.
 *
 * @throws {WarmError} `ERR_PAGETREE_OPTION` with every setting that is wrong.
 */
export function resolveSettings(
  settings: WarmSettings,
  { label = (key) => key, partial = false }: Judging = {},
): ResolvedSettings {
  const problems = new Problems();
  const right = rightOnes(settings, label, problems);
  if (!partial) checkTogether(right, label, problems);
  const connection = problems.gather(() => readConnection(right, process.env, partial));
  problems.throwIfAny();
  return filledIn(right, connection!);
}

function filledIn(settings: WarmSettings, connection: Connection): ResolvedSettings {
  const { origin, host, timeout = 30, connectTimeout = 10, firstByteTimeout = timeout } = settings;
  const { olderThan, maxTime, maxShrink = '10%', minSize, failOn = '0' } = settings;
  return {
    origin: origin === undefined ? undefined : parseOrigin('origin', origin),
    host,
    connection,
    exec: settings.exec,
    execCount: settings.execCount ?? 1,
    execTimeout: settings.execTimeout ?? 60,
    app: settings.app,
    concurrency: settings.concurrency ?? 32,
    rate: settings.rate,
    delay: settings.delay ?? 0,
    times: { connect: Math.min(connectTimeout, timeout), firstByte: firstByteTimeout, whole: timeout },
    retries: settings.retries ?? 2,
    refresh: settings.refresh ?? false,
    olderThan: olderThan === undefined ? undefined : parseAge('olderThan', olderThan),
    lastmod: settings.lastmod ?? false,
    prune: settings.prune ?? false,
    maxShrink: share('maxShrink', maxShrink),
    follow: settings.follow ?? false,
    checks: {
      mustContain: settings.mustContain ?? [],
      mustNotContain: settings.mustNotContain ?? [],
      minSize: minSize === undefined ? 0 : byteSize('minSize', minSize),
    },
    tolerance: readTolerance('failOn', failOn),
    minPages: settings.minPages ?? 0,
    maxTime: maxTime === undefined ? undefined : parseAge('maxTime', maxTime),
    publish: settings.publish ?? false,
    keep: settings.keep ?? 1,
    keepFailed: settings.keepFailed ?? false,
    verify: settings.verify === undefined ? undefined : parseOrigin('verify', settings.verify),
    journal: settings.journal,
    restart: settings.restart ?? false,
  };
}

/** The settings that are right, each by itself: text and numbers as they are meant, however they were written. */
function rightOnes(settings: WarmSettings, label: (key: string) => string, problems: Problems): WarmSettings {
  const right: Record<string, unknown> = {};
  for (const [flag, { kind, read }] of Object.entries(warmTable)) {
    const key = keyOf(flag);
    const name = label(key);
    const value: unknown = settings[key as keyof WarmSettings];
    if (value === undefined) continue;
    const one = (text: unknown): unknown => {
      if (typeof text === 'string' || typeof text === 'number') return read(name, text);
      throw wrongValue(name, 'text or a number', String(text));
    };
    const meant = problems.gather((): unknown => {
      if (kind === 'text') return one(value);
      if (kind === 'texts' && Array.isArray(value)) return value.map(one);
      if (kind === 'switch' && typeof value === 'boolean') return value;
      throw wrongValue(name, kind === 'switch' ? 'true or false' : 'a list of texts', String(value));
    });
    if (meant !== undefined) right[key] = meant;
  }
  return right as WarmSettings;
}

/** What says nothing without, or against, another setting. */
function checkTogether(settings: WarmSettings, label: (key: string) => string, problems: Problems): void {
  const { exec, app, publish } = settings;
  const refuse = (key: keyof WarmSettings, expected: string) => {
    const value = settings[key];
    if (value !== undefined && value !== false) problems.add(wrongValue(label(key), expected, String(value)));
  };
  if (publish === true) {
    // What is half made must be known by itself, or one command would go on with the tree of another.
    refuse('journal', `left out with ${label('publish')}`);
  } else {
    for (const key of ['keep', 'keepFailed'] as const) refuse(key, `given together with ${label('publish')}`);
  }
  if (exec !== undefined) refuse('app', `left out with ${label('exec')}`);
  if ((exec ?? app) !== undefined) refuse('socket', `left out with ${label('exec')} and ${label('app')}`);
  if (exec !== undefined) return;
  for (const key of ['execCount', 'execTimeout'] as const)
    refuse(key, `given together with ${label('exec')}`);
}
