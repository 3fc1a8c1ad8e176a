/** Headers with which a request goes to the application. `@pagetree/core` has these lists too and keeps them to itself; a test holds both together. */
import { TOKEN_HEADER } from '@pagetree/core';

/** What makes an application, a framework or a proxy answer something else under the same URL, by exact name. */
const routing: readonly string[] = [
  ...['x-original-url', 'x-rewrite-url', 'x-override-url', 'x-original-path', 'x-http-path-override'],
  ...['x-forwarded-path', 'x-forwarded-prefix', 'x-script-name', 'x-astro-path', 'x-astro-locals'],
  ...['x-http-method-override', 'x-http-method', 'x-method-override'],
  ...['rsc', 'turbo-frame', 'x-requested-with', 'datastar-request', 'x-ic-request', 'x-spf-request'],
  ...['x-october-request-handler', 'x-winter-request-handler', 'x-barba', 'x-swup', 'precognition'],
  ...['x-matched-path', 'x-now-route-matches', 'x-prerender-revalidate', 'x-nuxt-no-ssr', 'x-nuxt-error'],
  ...['x-prerender', 'surrogate-capability'],
];

/** The members of families that core knows by how the name begins: a web server can only look for whole names. */
export const families: readonly string[] = [
  ...['next-action', 'next-router-state-tree', 'next-router-prefetch', 'next-router-segment-prefetch'],
  ...['next-url', 'next-hmr-refresh', 'x-nextjs-data', 'x-nextjs-matched-path', 'x-nextjs-rewrite'],
  ...['x-middleware-prefetch', 'x-middleware-subrequest', 'x-middleware-rewrite', 'x-middleware-invoke'],
  ...['x-invoke-path', 'x-invoke-status', 'x-invoke-query', 'x-invoke-output'],
  ...['hx-request', 'hx-boosted', 'hx-target', 'hx-trigger', 'hx-current-url', 'hx-history-restore-request'],
  ...['x-up-version', 'x-up-target', 'x-up-mode', 'x-up-context', 'x-up-validate', 'x-pjax'],
  ...['x-pjax-container', 'x-inertia', 'x-inertia-version', 'x-inertia-partial-data', 'x-livewire'],
  ...['x-livewire-navigate', 'x-alpine-request', 'x-alpine-target'],
];

/** Who the client is. */
const credentials: readonly string[] = [
  ...['authorization', 'proxy-authorization', 'x-api-key', 'x-auth-token', 'x-access-token'],
  ...['x-forwarded-user', 'x-forwarded-email', 'x-forwarded-preferred-username', 'x-forwarded-access-token'],
  ...['x-auth-request-user', 'x-auth-request-email', 'x-auth-request-access-token', 'x-authentik-username'],
  ...['remote-user', 'x-remote-user', 'x-authenticated-user', 'x-webauth-user', 'x-user-id'],
  ...['cf-access-jwt-assertion', 'x-goog-iap-jwt-assertion', 'x-goog-authenticated-user-email'],
  ...['x-amzn-oidc-data', 'x-amzn-oidc-identity', 'x-ms-client-principal', 'tailscale-user-login'],
  ...['x-ssl-client-cert', 'x-client-cert', 'client-cert', 'x-arr-clientcert'],
];

/**
 * What proxies say of host and scheme, and the server does not say itself. `X-Forwarded-Host`, `-Proto`, `-For` and `-Port` are
 * not here: the server writes the first three anew, and proxies before it send all four with every request.
 */
const forwarded: readonly string[] = [
  ...['forwarded', 'x-original-host', 'x-host', 'x-http-host-override', 'x-forwarded-scheme'],
  ...['x-forwarded-protocol', 'x-scheme', 'x-url-scheme'],
];

/** Asks for another protocol, or has a body. */
const framing: readonly string[] = ['upgrade', 'transfer-encoding'];

/** All of them, in lower case. */
export const passingHeaders: readonly string[] = [
  ...credentials,
  ...routing,
  ...families,
  ...forwarded,
  ...framing,
  // cache-warm shows it to the middleware, so that the page is rendered anew.
  TOKEN_HEADER,
];

/** `Connection` fields that name no other field. For any engine, without regard to case. */
export const harmlessConnection =
  '^(?:(?:close|keep-alive|proxy-connection|upgrade|http2-settings|te|trailer)(?:[ \\t]*,[ \\t]*|$))*$';

/** `Host` fields that make sense. For any engine, without regard to case. */
export const sensibleHost = '^(?:[\\w-][\\w.-]*|\\[[0-9a-f:.]+\\])(?::[0-9]{1,5})?$';

const mediaRange = '[\\w.+*-]+/[\\w.+*-]+';
const weight = 'q=(?:1(?:\\.0{1,3})?|0\\.(?:[1-9][0-9]{0,2}|0[1-9][0-9]?|00[1-9]))';
const range = `${mediaRange}(?:; ?(?:${weight}|[a-pr-z][\\w-]*=[\\w.+-]+))*`;

/** `Accept` fields that take every type: with a weight above zero in each range, one of them plainly for everything. */
export const acceptsEverything = `^(?:${range}, ?){0,20}\\*/\\*(?:; ?${weight})?(?:, ?${range}){0,20}$`;
