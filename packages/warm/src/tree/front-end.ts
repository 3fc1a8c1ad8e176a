import type { Why } from '@pagetree/core';

/** What a web server in front of the tree would do with a request. */
export interface FrontEndAnswer {
  /** It answers from the tree, without asking the application. */
  readonly served: boolean;
  readonly text: string;
}

/** What nginx, Apache or Caddy answer that are set up by `pagetree config`: the file if it is there, else the application. Pure. */
export function frontEndAnswer({ stored, bypass, place, contentType }: Why): FrontEndAnswer {
  const asks = (why: string): FrontEndAnswer => ({ served: false, text: `asks the application: ${why}` });
  if (place === undefined || stored === undefined) return asks('it has no file for this');
  if (stored.isPrivate) return asks('the page is private, only the middleware serves it');
  if (bypass !== undefined) return asks(bypass);
  return { served: true, text: `200 from the file ${place}, ${contentType}` };
}
