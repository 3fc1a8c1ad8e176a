import { isOwn, type Origin } from '../../plan/origin.ts';
import { lineCap } from '../lines.ts';
import type { Allows } from '../path-rules.ts';
import type { Link } from './html.ts';

/** Which links of a site are followed. */
export interface FollowRules {
  readonly origin: Origin;
  /** How many clicks away from a source a page may be; assets of the last pages are still taken. */
  readonly depth: number;
  /** Follow style sheets, scripts, images and the like as well. */
  readonly assets: boolean;
  /** What `include` and `exclude` allow. */
  readonly wanted: Allows;
  /** What robots.txt allows; `undefined`: nobody asks, nor does anybody ask for `nofollow`. */
  readonly robots: Allows | undefined;
}

/** Why a link is not followed. */
export type NotFollowed =
  | 'to another site'
  | 'no address of a page'
  | 'with a query'
  | 'nofollow'
  | 'forbidden by robots.txt'
  | 'left out by --include and --exclude'
  | 'beyond --depth'
  | 'to assets'
  | 'too long';

/**
 * What becomes of a link: the target to ask for, or why it is left out. `page` is there when the link leads to a page of the
 * site that other rules would follow: the tree may have it.
 */
export type Followed = { readonly target: string } | { readonly not: NotFollowed; readonly page?: string };

/**
 * Decides about one link of a page that is `depth` clicks away from its source. Links are resolved as browsers do
 * (URL standard); what comes behind a `#` is left off. A URL with a query is never stored, so it is not followed. Pure.
 */
export function followLink(link: Link, base: string, depth: number, rules: FollowRules): Followed {
  if (!URL.canParse(link.href, base)) return { not: 'no address of a page' };
  const url = new URL(link.href, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { not: 'no address of a page' };
  if (!isOwn({ href: url.origin, host: url.host }, rules.origin)) return { not: 'to another site' };
  if (url.search !== '' || /^[^#]*\?/.test(link.href)) return { not: 'with a query' };
  const target = url.pathname;
  if (target.length > lineCap) return { not: 'too long' };
  const not = whyLeftOut(link, target, depth, rules);
  return not === undefined ? { target } : { not, page: target };
}

function whyLeftOut(link: Link, target: string, depth: number, rules: FollowRules): NotFollowed | undefined {
  const isPage = link.kind === 'page';
  if (!isPage && !rules.assets) return 'to assets';
  if (isPage && link.nofollow && rules.robots !== undefined) return 'nofollow';
  if (!rules.wanted(target)) return 'left out by --include and --exclude';
  if (rules.robots?.(target) === false) return 'forbidden by robots.txt';
  return isPage && depth >= rules.depth ? 'beyond --depth' : undefined;
}
