import type { PageRequest, Reason, Why } from '@pagetree/core';

/** What a web server in front of the tree would do with a request. */
export interface FrontEndAnswer {
  /** It answers from the tree, without asking the application. */
  readonly served: boolean;
  readonly text: string;
}

/** Rules of the middleware that stand in its own options: a web server that only has the tree does not know them. */
const unknownToServers: ReadonlySet<Reason> = new Set([
  ...(['outside-cache-paths', 'excluded-path', 'host', 'forwarded-host', 'accept'] as const),
]);

/** What nginx, Apache or Caddy answer that are set up as `docs/` says: the file if it is there, else the application. Pure. */
export function frontEndAnswer(why: Why, request: PageRequest): FrontEndAnswer {
  const { stored, bypass, place, contentType } = why;
  if (place === undefined || stored === undefined) {
    return { served: false, text: 'asks the application: it has no file for this' };
  }
  if (stored.isPrivate) {
    return {
      served: false,
      text: 'asks the application: the page is private, only the middleware serves it',
    };
  }
  // It does not know which cookies change nothing, so any cookie goes to the application.
  if (request.headers.cookie !== undefined) {
    return { served: false, text: 'asks the application: the request has a cookie' };
  }
  if (bypass !== undefined && !unknownToServers.has(bypass)) {
    return { served: false, text: `asks the application: ${bypass}` };
  }
  const file = `200 from the file ${place}, ${contentType}`;
  return { served: true, text: bypass === undefined ? file : `${file}: it does not know the rule ${bypass}` };
}
