import { explain, type Why } from '@pagetree/core';

/** What a web server in front of the tree would do with a request. */
export interface FrontEndAnswer {
  /** It answers from the tree, without asking the application. */
  readonly served: boolean;
  readonly text: string;
}

/** What nginx, Apache or Caddy answer that are set up by `pagetree config`: the file if it is there, else the application. Pure. */
export function frontEndAnswer({ stored, bypass, place, contentType }: Why): FrontEndAnswer {
  const asks = (why: string): FrontEndAnswer => ({ served: false, text: `asks the application: ${why}` });
  // A server judges the request before it looks for a file.
  if (bypass !== undefined) return asks(`${bypass}: ${explain(bypass).what}`);
  if (place === undefined || stored === undefined) return asks('it has no file for this');
  if (stored.isPrivate) return asks('the page is private, only the middleware serves it');
  return { served: true, text: `200 from the file ${place}, ${contentType}` };
}
