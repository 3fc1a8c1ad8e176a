/**
 * From a command line to the pages that it names, in order: for `cache-purge`, and for `pagetree ls`, which lists what a purge
 * with the same words would remove. Nothing is opened here.
 */
import { isTag } from '@pagetree/core/rules';
import { WarmError } from '../errors.ts';
import { type PlannedPurge, planPurge, purgeEverything } from '../plan/scopes.ts';
import { printable } from '../report/printable.ts';
import { parseAge } from './age.ts';
import { coversAll, isGlob, withBelow } from './globs.ts';

/** What is named. */
export interface Selection {
  readonly planned: readonly PlannedPurge[];
  /** Files with more of it; `-` is standard input. */
  readonly lists: readonly string[];
  /**
   * Only what was stored longer ago than this many seconds. An age of 0 narrows nothing, and where nothing else is named the age
   * is a scope itself: `undefined`.
   */
  readonly olderThan: number | undefined;
  /** Every page is named, whatever its age: an age of 0 narrows nothing. */
  readonly namesAll: boolean;
}

/** What the command line may say about which pages are meant. */
export interface SelectionFlags {
  readonly recursive: boolean;
  readonly all: boolean;
  readonly glob?: readonly string[] | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly 'older-than'?: string | undefined;
  readonly list?: readonly string[] | undefined;
}

/** What is done with the pages, for what is said about mistakes. */
export type Verb = 'purge' | 'list';

/**
 * What the arguments and options name together. Paths and globs add up, tags add up; an age narrows either.
 *
 * @throws {WarmError} `ERR_PAGETREE_USAGE` for what names nothing, or contradicts itself.
 */
export function selectPages(args: readonly string[], flags: SelectionFlags, verb: Verb): Selection {
  const { recursive, glob = [], tag = [], list = [] } = flags;
  const age = flags['older-than'];
  const named = args.length + glob.length + tag.length + list.length;
  if (flags.all && (args.length > 0 || recursive)) throw allAndMore('no paths and no --recursive', verb);
  if (flags.all && (named > 0 || age !== undefined)) {
    throw allAndMore('no --glob, --tag, --older-than and --list', verb);
  }
  const nothing = named === 0 && age === undefined;
  if (nothing && !flags.all && verb === 'purge') throw nothingNamed();
  if (tag.length > 0 && named > tag.length) throw tagsAndMore(verb);
  if (recursive && args.length + glob.length + list.length === 0) throw nothingBelow();
  const olderThan = age === undefined ? undefined : parseAge('--older-than', age);
  const planned = args.filter((arg) => arg !== '-').map((arg) => planArgument(arg, recursive, verb));
  for (const one of glob) planned.push(planGlob(one, recursive, verb));
  for (const one of tag) planned.push(planTag(one, verb));
  if (nothing) planned.push(purgeEverything);
  const alone = age !== undefined && named === 0;
  if (alone) planned.push({ name: `older than ${age}`, scope: { olderThan: olderThan! }, everything: true });
  const stdin = args.filter((arg) => arg === '-');
  return {
    planned,
    lists: [...list, ...stdin],
    olderThan: alone || olderThan === 0 ? undefined : olderThan,
    namesAll: (olderThan ?? 0) === 0 && planned.some(({ everything }) => everything),
  };
}

function planArgument(argument: string, recursive: boolean, verb: Verb): PlannedPurge {
  return isGlob(argument) ? planGlob(argument, recursive, verb) : planPurge(argument, recursive);
}

function planGlob(text: string, recursive: boolean, verb: Verb): PlannedPurge {
  if (text === '') throw empty('glob', verb);
  const glob = recursive ? withBelow(text) : text;
  // Everything goes at once instead of page by page.
  if (glob === '/**' || glob === '**') return { ...purgeEverything, name: glob };
  return { name: glob, scope: { glob }, everything: coversAll(glob) };
}

function planTag(tag: string, verb: Verb): PlannedPurge {
  if (tag === '') throw empty('tag', verb);
  if (!isTag(tag)) throw severalTags(tag);
  return { name: `tag ${tag}`, scope: { tag }, everything: false };
}

function empty(what: string, verb: Verb): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', `A ${what} to ${verb} is empty.`, {
    hint: 'Is a variable of your script not set? Everything is --all.',
  });
}

function severalTags(tag: string): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', `"${printable(tag)}" is not one tag.`, {
    hint: 'Blanks and commas separate the tags in a header, so no page has it. Say --tag once for each of them.',
  });
}

function allAndMore(what: string, verb: Verb): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', `--all takes ${what}: it is every page.`, {
    hint: `Leave out --all to ${verb} the paths only.`,
  });
}

function tagsAndMore(verb: Verb): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', `A ${verb} by tag takes no paths, globs and lists.`, {
    hint: `${verb === 'purge' ? 'Purge' : 'List'} twice: once by --tag, and once by the paths.`,
  });
}

function nothingBelow(): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', '--recursive needs a path: it is about what is below it.', {
    hint: 'Name a path (-r /blog), or leave out --recursive.',
  });
}

function nothingNamed(): WarmError {
  return new WarmError('ERR_PAGETREE_USAGE', 'Nothing is named that should be purged.', {
    hint: 'Name a path (cache-purge /about), a path and what is below it (cache-purge -r /blog), or --all.',
  });
}
