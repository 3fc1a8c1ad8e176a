import type { PageChecks } from '../fetch/checks.ts';
import type { Times } from '../fetch/clocks.ts';
import { type Origin, parseOrigin } from '../plan/origin.ts';
import { parseAge } from '../tree/age.ts';
import { type Connection, readConnection } from './connection.ts';
import { Problems } from './problems.ts';
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
export function resolveSettings(settings: WarmSettings): ResolvedSettings {
  checkAll(settings);
  const { origin, host, timeout = 30, connectTimeout = 10, firstByteTimeout = timeout } = settings;
  const { olderThan, maxTime, maxShrink = '10%', minSize, failOn = '0' } = settings;
  return {
    origin: origin === undefined ? undefined : parseOrigin('origin', origin),
    host,
    connection: readConnection(settings),
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

function checkAll(settings: WarmSettings): void {
  const problems = new Problems();
  for (const [flag, { kind, read }] of Object.entries(warmTable)) {
    const key = keyOf(flag);
    const value: unknown = settings[key as keyof WarmSettings];
    if (value === undefined) continue;
    problems.gather(() => {
      if (kind === 'switch' && typeof value !== 'boolean')
        throw wrongValue(key, 'true or false', String(value));
      if (kind === 'texts' && !Array.isArray(value)) throw wrongValue(key, 'a list of texts', String(value));
      if (kind === 'switch') return;
      for (const one of [value].flat()) {
        if (typeof one === 'string' || typeof one === 'number') read(key, one);
        else throw wrongValue(key, 'text or a number', String(one));
      }
    });
  }
  problems.gather(() => checkTogether(settings));
  problems.throwIfAny();
}

function checkTogether(settings: WarmSettings): void {
  const { exec, app, socket, execCount, execTimeout } = settings;
  checkPublish(settings);
  if (app !== undefined && exec !== undefined) throw wrongValue('app', 'left out with exec', app);
  if (socket !== undefined && (exec ?? app) !== undefined) {
    throw wrongValue('socket', 'left out with exec and app', socket);
  }
  const useless = exec === undefined ? (execCount ?? execTimeout) : undefined;
  if (useless !== undefined) {
    throw wrongValue(
      execCount === undefined ? 'execTimeout' : 'execCount',
      'given together with exec',
      useless,
    );
  }
}

function checkPublish({ publish, keep, keepFailed, journal }: WarmSettings): void {
  if (publish === true) {
    // What is half made must be known by itself, or one command would go on with the tree of another.
    if (journal !== undefined) throw wrongValue('journal', 'left out with publish', journal);
    return;
  }
  if (keep !== undefined) throw wrongValue('keep', 'given together with publish', keep);
  if (keepFailed === true) throw wrongValue('keepFailed', 'given together with publish', 'true');
}
