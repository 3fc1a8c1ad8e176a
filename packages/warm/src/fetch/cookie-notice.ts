import { plural } from '../report/numbers.ts';
import type { Notice } from '../sources/entry.ts';
import { type OriginClient, siteOf } from './client.ts';
import { type Cookie, cookiesFor } from './cookies.ts';

/** Pages would be stored as a visitor without a session sees them, and nobody would know why. */
export function tellCookies(
  cookies: readonly Cookie[],
  client: OriginClient,
  onNotice: (notice: Notice) => void,
): void {
  if (cookies.length === 0 || cookiesFor(cookies, { ...siteOf(client), now: Date.now() }) > 0) return;
  const text = `none of its ${plural(cookies.length, 'cookie')} is sent: they are for other sites, for https, or over`;
  onNotice({ source: '--cookie-file', text });
}
