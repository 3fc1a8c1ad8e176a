/** Headers with which a request goes to the application. */
import { TOKEN_HEADER } from '@pagetree/core';
import {
  credentialHeaders,
  forwardedHostHeaders,
  forwardedSchemeHeaders,
  routingHeaders,
} from '@pagetree/core/rules';

/**
 * The members of families that core knows by how the name begins (`routingHeaderPrefixes`), as their documentation and sources
 * have them: a web server can only look for whole names.
 */
export const families: readonly string[] = [
  // Next.js
  ...['next-action', 'next-router-state-tree', 'next-router-prefetch', 'next-router-segment-prefetch'],
  ...['next-url', 'next-hmr-refresh', 'next-resume', 'x-nextjs-data', 'x-nextjs-matched-path'],
  ...['x-nextjs-rewrite', 'x-nextjs-request-id', 'x-nextjs-html-request-id', 'x-nextjs-postponed'],
  ...['x-middleware-prefetch', 'x-middleware-subrequest', 'x-middleware-rewrite', 'x-middleware-invoke'],
  ...['x-middleware-next', 'x-middleware-skip', 'x-middleware-override-headers', 'x-middleware-set-cookie'],
  ...['x-invoke-path', 'x-invoke-status', 'x-invoke-query', 'x-invoke-output', 'x-invoke-error'],
  // htmx
  ...['hx-request', 'hx-boosted', 'hx-target', 'hx-trigger', 'hx-trigger-name', 'hx-prompt'],
  ...['hx-current-url', 'hx-history-restore-request', 'hx-preloaded', 'hx-request-type', 'hx-source'],
  // Unpoly
  ...['x-up-version', 'x-up-target', 'x-up-mode', 'x-up-context', 'x-up-validate', 'x-up-fail-target'],
  ...['x-up-fail-mode', 'x-up-fail-context', 'x-up-origin-mode', 'x-up-reload-from-time'],
  // PJAX, Inertia
  ...['x-pjax', 'x-pjax-container', 'x-pjax-version', 'x-inertia', 'x-inertia-version'],
  ...['x-inertia-partial-component', 'x-inertia-partial-data', 'x-inertia-partial-except'],
  ...['x-inertia-error-bag', 'x-inertia-reset', 'x-inertia-except-once-props'],
  ...['x-inertia-infinite-scroll-merge-intent'],
  // Livewire, Alpine AJAX
  ...['x-livewire', 'x-livewire-navigate', 'x-livewire-stream', 'x-alpine-request', 'x-alpine-target'],
];

/**
 * What the server writes anew itself, and proxies before it send with every request, as they do `X-Forwarded-For` and
 * `X-Forwarded-Port`.
 */
const written: ReadonlySet<string> = new Set(['x-forwarded-host', 'x-forwarded-proto']);

/** What proxies say of host and scheme, and the server does not say itself. */
const forwarded = ['forwarded', ...forwardedHostHeaders, ...forwardedSchemeHeaders].filter(
  (name) => !written.has(name),
);

/** Asks for another protocol, or has a body. */
const framing: readonly string[] = ['upgrade', 'transfer-encoding'];

/** All of them, in lower case. */
export const passingHeaders: readonly string[] = [
  ...credentialHeaders,
  ...routingHeaders,
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

/** Not JSON: who names that may want it more than HTML, and the middleware compares. Engines without lookahead need it spelt out. */
const subtype = '(?:[a-ik-z\\d_.+*-][\\w.+*-]*|j(?:[a-rt-z\\d_.+*-][\\w.+*-]*)?)';
const mediaRange = `[\\w.+*-]+/${subtype}`;
const weight = 'q=(?:1(?:\\.0{1,3})?|0\\.(?:[1-9][0-9]{0,2}|0[1-9][0-9]?|00[1-9]))';
const range = `${mediaRange}(?:; ?(?:${weight}|[a-pr-z][\\w-]*=[\\w.+-]+))*`;

/** `Accept` fields that take every type: with a weight above zero in each range, one of them plainly for everything, and none for JSON. */
export const acceptsEverything = `^(?:${range}, ?){0,20}\\*/\\*(?:; ?${weight})?(?:, ?${range}){0,20}$`;

const exactWeight = '(?:;q=[01](?:\\.0{0,3})?)?';
const anyWeight = '(?:;q=[01](?:\\.[0-9]{0,3})?)?';
const coding = `(?i:gzip${exactWeight}|(?:deflate|identity|compress|x-gzip)${anyWeight})`;

/**
 * `Accept-Encoding` fields that the server and the middleware read alike: names alone, or weights that leave no choice. All others
 * are for the middleware, which compares weights. For any engine, with regard to case.
 */
export const alikeCodings = `^[a-z-]+(?:, ?[a-z-]+)*$|^${coding}(?:, ?${coding})*$`;
