/** From the command line of a purge to its scopes, in order. Nothing is opened here. */
import { WarmError } from '../errors.ts';
import { type PlannedPurge, planPurge, purgeEverything } from '../plan/scopes.ts';
import { parseAge } from './age.ts';
import { isGlob, withBelow } from './where.ts';

/** What is to be purged. */
export interface PurgePlan {
  readonly planned: readonly PlannedPurge[];
  /** Files with more of it; `-` is standard input. */
  readonly lists: readonly string[];
  /** Only what was stored longer ago than this many seconds. Where nothing else is named it is a scope itself. */
  readonly olderThan: number | undefined;
}

/** What the command line may say about what to purge. */
export interface PurgeNames {
  readonly recursive: boolean;
  readonly all: boolean;
  readonly glob?: readonly string[] | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly 'older-than'?: string | undefined;
  readonly list?: readonly string[] | undefined;
}

/**
 * What the arguments and options name together. Paths and globs add up, tags add up; an age narrows either.
 *
 * @throws {WarmError} `ERR_PAGETREE_USAGE` for what names nothing, or contradicts itself.
 */
export function planPurges(args: readonly string[], flags: PurgeNames): PurgePlan {
  const { recursive, glob = [], tag = [], list = [] } = flags;
  const age = flags['older-than'];
  const named = args.length + glob.length + tag.length + list.length;
  if (flags.all && (args.length > 0 || recursive)) throw allAndMore('no paths and no --recursive');
  if (flags.all && (named > 0 || age !== undefined)) {
    throw allAndMore('no --glob, --tag, --older-than and --list');
  }
  if (!flags.all && named === 0 && age === undefined) throw nothingNamed();
  if (tag.length > 0 && named > tag.length) throw tagsAndMore();
  if (recursive && args.length + glob.length + list.length === 0) throw nothingBelow();
  const olderThan = age === undefined ? undefined : parseAge('--older-than', age);
  const planned = args.filter((arg) => arg !== '-').map((arg) => planArgument(arg, recursive));
  for (const one of glob) planned.push(planGlob(one, recursive));
  for (const one of tag) planned.push(planTag(one));
  if (flags.all) planned.push(purgeEverything);
  const alone = age !== undefined && named === 0;
  if (alone)
    planned.push({
      name: `older than ${age}`,
      scope: { olderThan: olderThan! },
      everything: olderThan === 0,
    });
  const stdin = args.filter((arg) => arg === '-');
  return { planned, lists: [...list, ...stdin], olderThan: alone ? undefined : olderThan };
}

function planArgument(argument: string, recursive: boolean): PlannedPurge {
  return isGlob(argument) ? planGlob(argument, recursive) : planPurge(argument, recursive);
}

function planGlob(text: string, recursive: boolean): PlannedPurge {
  if (text === '') throw empty('glob');
  const glob = recursive ? withBelow(text) : text;
  // Everything goes at once instead of page by page.
  if (glob === '/**' || glob === '**') return { ...purgeEverything, name: glob };
  return { name: glob, scope: { glob }, everything: coversAll(glob) };
}

/** One of its alternatives does not say which pages: it is meant for all of them. */
function coversAll(glob: string): boolean {
  return alternatives(glob).some((one) => one.includes('**') && !/[^/*]/.test(one));
}

/** Nobody writes more alternatives by hand, and then there are letters in them. */
const MANY = 100;

/** What the braces of a glob stand for, the inner ones first. */
function alternatives(glob: string): string[] {
  const all = [glob];
  for (let at = 0; at < all.length && all.length < MANY; ) {
    const brace = /\{([^{}]*,[^{}]*)\}/.exec(all[at]!);
    if (brace === null) at += 1;
    else {
      const [text, inner] = brace as unknown as [string, string];
      const [before, after] = [all[at]!.slice(0, brace.index), all[at]!.slice(brace.index + text.length)];
      all.splice(at, 1, ...inner.split(',').map((one) => before + one + after));
    }
  }
  return all;
}

function planTag(tag: string): PlannedPurge {
  if (tag === '') throw empty('tag');
  return { name: `tag ${tag}`, scope: { tag }, everything: false };
}

function empty(what: string): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', `A ${what} to purge is empty.`, {
    hint: 'Is a variable of your script not set? Everything is --all.',
  });
}

function allAndMore(what: string): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', `--all takes ${what}: it is every page.`, {
    hint: 'Leave out --all to purge the paths only.',
  });
}

function tagsAndMore(): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', 'A purge by tag takes no paths, globs and lists.', {
    hint: 'Purge twice: once by --tag, and once by the paths.',
  });
}

function nothingBelow(): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', '--recursive needs a path: it is about what is below it.', {
    hint: 'Name a path (cache-purge -r /blog), or leave out --recursive.',
  });
}

function nothingNamed(): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', 'Nothing is named that should be purged.', {
    hint: 'Name a path (cache-purge /about), a path and what is below it (cache-purge -r /blog), or --all.',
  });
}
