/**
 * The lists behind the rules, for whoever writes them down in another language: the configuration of a web server, rules of
 * a CDN. They grow with releases.
 */
export { isReplayable } from './entry/headers.ts';
export { executableExtensions } from './key/executable.ts';
export { ignorableCookies } from './policy/cookies.ts';
export { parseMediaType, sameType } from './policy/media-type.ts';
export {
  credentialHeaders,
  forwardedHostHeaders,
  forwardedSchemeHeaders,
  routingHeaderPrefixes,
  routingHeaders,
} from './policy/routing-headers.ts';
export { isTag } from './policy/tags.ts';
export { type PlaceType, placeType } from './policy/types.ts';
