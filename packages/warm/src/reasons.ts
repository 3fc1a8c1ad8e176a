import type { Reason } from '@pagetree/core';

/** A reason of the warmer, in the shape of core's: what was found, and what to do about it. */
export interface WarmReasonText {
  readonly name: string;
  readonly what: string;
  readonly fix: string;
}

const list = [
  {
    name: 'bad-line',
    what: 'A line of the list is neither a path nor a URL.',
    fix: 'Write one path that starts with `/`, or one http or https URL, a line.',
  },
  {
    name: 'bad-source',
    what: 'A sitemap, feed or list that a source names, or a part of it, cannot be read.',
    fix: 'The detail says what is wrong with it. Correct it, and run the same command again.',
  },
  {
    name: 'other-origin',
    what: 'The URL belongs to another site than the one that is warmed.',
    fix: 'Warm every site into a tree of its own. If it is another name of the same site, say so with `--host`; of an application that `--exec` or `--app` runs, with `--origin`.',
  },
  {
    name: 'connection-refused',
    what: 'Nothing listens on the port of the origin.',
    fix: 'Start the application, and look in its log why it stopped.',
  },
  {
    name: 'connection-reset',
    what: 'The origin closed the connection before it answered.',
    fix: 'Look in the log of the application; lower `--concurrency` if it is overloaded.',
  },
  {
    name: 'unreachable',
    what: 'The network has no way to the origin.',
    fix: 'Check the address and the network.',
  },
  {
    name: 'name-lookup',
    what: 'The name of the origin could not be looked up.',
    fix: 'Check the name, or give the address with `--origin` and the name with `--host`.',
  },
  {
    name: 'tls',
    what: 'No safe connection to the origin could be made.',
    fix: 'Check its certificate; `--ca` names a file with a certificate authority of your own.',
  },
  {
    name: 'timeout',
    what: 'The response was not complete in time.',
    fix: 'Raise `--timeout`, `--connect-timeout` or `--first-byte-timeout`, or lower `--concurrency` if the application is overloaded.',
  },
  {
    name: 'retry-after',
    what: 'The origin asks to come back later than a run waits.',
    fix: 'Run the same command again after that time; the detail tells it. Shorter waits are kept to.',
  },
  {
    name: 'bad-response',
    what: 'What the origin sent is not valid HTTP.',
    fix: 'Look at it with `curl -v`; is it another kind of server?',
  },
  {
    name: 'redirect',
    what: 'The origin answered with a redirect, which is no page.',
    fix: 'List the address it points to, or add `--follow` to store the page there.',
  },
  {
    name: 'wrong-text',
    what: 'The page lacks the text that `--must-contain` asks for, or has the one that `--must-not-contain` forbids.',
    fix: 'Open the page: is it an error page with the status 200?',
  },
  {
    name: 'too-small',
    what: 'The page is smaller than `--min-size`.',
    fix: 'Open the page: is it an error page with the status 200?',
  },
  {
    name: 'from-cache',
    what: 'The site answered from its page cache, so the page is no newer than the one that is stored.',
    fix: 'Run cache-warm as a user who may read `.pagetree/token`, so that the middleware steps aside.',
  },
  {
    name: 'front-end',
    what: 'The server that `--verify` names does not answer with the stored page.',
    fix: 'The detail says what it answers. Does it read this tree, with the names and types of its manifest, and may it read the file?',
  },
  {
    name: 'fetch-error',
    what: 'The request failed for another cause.',
    fix: 'The detail says what happened.',
  },
  {
    name: 'stopped',
    what: 'The run was stopped before the response was complete.',
    fix: 'Run the same command again: pages that are stored are not fetched again.',
  },
] as const satisfies readonly WarmReasonText[];

/** The reasons that only the warmer knows. */
export const warmReasons: readonly WarmReasonText[] = list;

/** Why a URL was not stored: a reason of core or one of the warmer. */
export type WarmReason = Reason | (typeof list)[number]['name'];

const byName = new Map<string, WarmReasonText>(list.map((reason) => [reason.name, reason]));

/** The text of a reason that core does not know; `undefined` for core's own. */
export function ownReason(name: WarmReason): WarmReasonText | undefined {
  return byName.get(name);
}
