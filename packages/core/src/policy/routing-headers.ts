/** Request headers that make an application, a framework or a proxy answer something else under the same URL. */

/** By exact name, in lower case. */
export const routingHeaders: ReadonlySet<string> = new Set([
  // Another path, in place of the one in the target
  ...['x-original-url', 'x-rewrite-url', 'x-override-url', 'x-original-path', 'x-http-path-override'],
  ...['x-forwarded-path', 'x-forwarded-prefix', 'x-script-name', 'x-astro-path', 'x-astro-locals'],
  // Another version of the route: Fastify and restify choose by it
  'accept-version',
  // Another method
  ...['x-http-method-override', 'x-http-method', 'x-method-override'],
  // A part of the page, or its data
  ...['rsc', 'turbo-frame', 'x-requested-with', 'datastar-request', 'x-ic-request', 'x-spf-request'],
  ...['x-october-request-handler', 'x-winter-request-handler', 'x-barba', 'x-swup', 'precognition'],
  // The inside of Next.js and Nuxt
  ...['x-matched-path', 'x-now-route-matches', 'x-prerender-revalidate', 'x-nuxt-no-ssr', 'x-nuxt-error'],
  // A page for a crawler, or with ESI tags in it
  ...['x-prerender', 'surrogate-capability'],
]);

/**
 * By how the name begins. Next.js, htmx, Unpoly, PJAX, Inertia, Livewire and Alpine AJAX have families of
 * headers that grow with every release.
 */
export const routingHeaderPrefixes: readonly string[] = [
  ...['next-', 'x-nextjs-', 'x-middleware-', 'x-invoke-'],
  ...['hx-', 'x-up-', 'x-pjax', 'x-inertia', 'x-livewire', 'x-alpine-'],
];

/**
 * Headers in which a proxy that logs people in tells the application who they are. Such a page is private
 * although the request has no `Authorization`.
 */
export const credentialHeaders: ReadonlySet<string> = new Set([
  ...['authorization', 'proxy-authorization', 'x-api-key', 'x-auth-token', 'x-access-token'],
  // API gateways and what stands behind them: Kong, Azure API Management, Google, WSO2, APISIX, GitLab
  ...['apikey', 'x-consumer-username', 'x-consumer-id', 'ocp-apim-subscription-key', 'x-jwt-assertion'],
  ...['x-apigateway-api-userinfo', 'x-endpoint-api-userinfo', 'x-userinfo', 'private-token'],
  // oauth2-proxy, Authelia, authentik, Traefik, mod_auth_*
  ...['x-forwarded-user', 'x-forwarded-email', 'x-forwarded-preferred-username', 'x-forwarded-access-token'],
  ...['x-auth-request-user', 'x-auth-request-email', 'x-auth-request-access-token', 'x-authentik-username'],
  ...['remote-user', 'x-remote-user', 'x-authenticated-user', 'x-webauth-user', 'x-user-id'],
  // Vouch, Pomerium
  ...['x-vouch-user', 'x-pomerium-jwt-assertion'],
  // Cloudflare Access, Google IAP, AWS ALB, Azure App Service, Tailscale
  ...['cf-access-jwt-assertion', 'cf-access-authenticated-user-email', 'x-goog-iap-jwt-assertion'],
  ...['x-goog-authenticated-user-email', 'x-amzn-oidc-data', 'x-amzn-oidc-identity'],
  ...['x-ms-client-principal', 'x-ms-client-principal-name', 'tailscale-user-login'],
  // Client certificates. Not x-forwarded-client-cert: a service mesh sets it on every request, and it names the mesh.
  ...['x-ssl-client-cert', 'x-client-cert', 'client-cert', 'x-arr-clientcert', 'ssl-client-cert'],
  ...['ssl-client-subject-dn', 'x-ssl-client-dn', 'x-ssl-client-s-dn'],
  ...['x-forwarded-tls-client-cert', 'x-forwarded-tls-client-cert-info'],
]);

/**
 * Headers in which an honest proxy tells how the client reached it, on every request. They are let through
 * with the values that an honest proxy sends, and make the request bypass with any other.
 */
export const forwardedSchemeHeaders: readonly string[] = [
  ...['x-forwarded-proto', 'x-forwarded-scheme', 'x-forwarded-protocol', 'x-scheme', 'x-url-scheme'],
];

/** Headers that name the host the client asked for, beside `Host`. */
export const forwardedHostHeaders: readonly string[] = [
  ...['x-forwarded-host', 'x-original-host', 'x-host', 'x-http-host-override'],
];
