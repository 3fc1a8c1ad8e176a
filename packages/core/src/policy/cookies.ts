/** Tells cookies that never change a page from those that may. */
import { PagetreeError } from '../errors.ts';
import { remember } from './remember.ts';

/**
 * Cookies that a script in the browser, or a proxy in front of the site, sets and reads for itself, so that
 * no application renders another page for them. A `*` at the end stands for any rest.
 *
 * Left out on purpose: cookies that server SDKs read to choose what to render (`optimizelyEndUserId`,
 * `_vwo_*`, `mbox`, `ph_*`, `ld_*`), and patterns that are so wide that a site's own cookie may match (`mp_*`).
 */
export const ignorableCookies: readonly string[] = [
  // Google Analytics, Ads and Tag Manager
  ...['_ga', '_ga_*', '_gid', '_gat', '_gat_*', '_gac_*', '_gcl_*', '_dc_gtm_*', '__utm*', 'AMP_TOKEN'],
  ...['FPID', 'FPLC', 'FPAU', '__gads', '__gpi', '__gpi_optout', '__gsas', '__eoi', 'FCCDCF', 'FCNEC'],
  // Advertising pixels: Meta, Microsoft, LinkedIn, TikTok, Pinterest, Snapchat, Reddit, X, Criteo, Quantcast
  ...['_fbp', '_fbc', '_uetsid', '_uetvid', '_uetmsclkid', 'li_fat_id', '_ttp', 'ttcsid', 'ttcsid_*'],
  ...['_tt_enable_cookie', '_pin_unauth', '_epik', '_derived_epik', '_scid', '_scid_r', '_sctr', '_rdt_uuid'],
  ...['_twpid', 'cto_bundle', '__qca'],
  // Audience measurement: Matomo, Yandex, Baidu, Adobe, Segment, Amplitude, Heap, Chartbeat, Parse.ly, comScore, Piano
  ...['_pk_*', 'mtm_consent', 'mtm_consent_removed', 'mtm_cookie_consent', '_ym_*', 'Hm_lvt_*', 'Hm_lpvt_*'],
  ...[
    'AMCV_*',
    'AMCVS_*',
    's_cc',
    's_sq',
    's_fid',
    's_vi',
    'ajs_anonymous_id',
    'ajs_user_id',
    'ajs_group_id',
  ],
  ...['AMP_*', 'amplitude_id_*', '_hp2_*', '_cb', '_cb_svref', '_chartbeat2', '_parsely_session'],
  ...['_parsely_visitor', '_scor_uid', '_pcid', '_pctx', 'atidvisitor', 'atuserid'],
  // Session recording: Hotjar, Clarity, Crazy Egg, FullStory, Mouseflow, Lucky Orange
  ...['_hj*', '_clck', '_clsk', '_ce.*', 'cebs', 'fs_uid', 'fs_lua', 'mf_user', '_lo_uid'],
  // Speed measurement: Dynatrace, Datadog, New Relic
  ...['dtCookie', 'dtPC', 'dtSa', 'dtLatC', 'rxVisitor', 'rxvt', '_dd_s', 'NREUM'],
  // Marketing and chat: HubSpot, Klaviyo, Marketo, Intercom, Drift, Zendesk, Crisp, tawk.to
  ...['__hs_*', '__hstc', '__hssc', '__hssrc', 'hubspotutk', 'messagesUtk', '__kla_id', '_mkto_trk'],
  ...['intercom-id-*', 'intercom-session-*', 'intercom-device-id-*', 'drift_aid', 'drift_campaign_refresh'],
  ...['__zlcmid', 'crisp-client%2Fsession%2F*', 'TawkConnectionTime', 'twk_idm_key', 'twk_uuid_*'],
  // Consent: OneTrust, Cookiebot, Osano, CookieYes, Complianz, Borlabs, Didomi, iubenda, axeptio, TrustArc, IAB, ...
  ...['OptanonConsent', 'OptanonAlertBoxClosed', 'CookieConsent', 'CookieConsentBulkSetting-*'],
  ...['cookieconsent_status', 'osano_consentmanager*', 'cookieyes-consent', 'cky-*', 'cookielawinfo-*'],
  ...['CookieLawInfoConsent', 'viewed_cookie_policy', 'cmplz_*', 'borlabs-cookie', 'didomi_token'],
  ...['_iub_cs-*', 'axeptio_*', 'notice_behavior', 'notice_preferences', 'notice_gdpr_prefs'],
  ...['cmapi_cookie_privacy', 'TAsessionID', 'euconsent*', 'eupubconsent-v2', 'usprivacy', 'consentUUID'],
  ...['cc_cookie', 'klaro', 'tarteaucitron', 'moove_gdpr_popup', 'cookie_notice_accepted'],
  // Proxies and load balancers in front: Cloudflare, AWS, Google, Azure, Akamai, Imperva
  ...['__cf_bm', '_cfuvid', 'cf_clearance', '__cflb', '__cfruid', 'AWSALB', 'AWSALBCORS', 'AWSALBTG'],
  ...['AWSALBTGCORS', 'GCLB', 'ARRAffinity', 'ARRAffinitySameSite', 'ak_bmsc', 'bm_sv', 'bm_sz', 'bm_mi'],
  ...['_abck', 'visid_incap_*', 'incap_ses_*', 'nlbi_*'],
];

/** Whether a `Cookie` field holds nothing that may change a page. */
export type CookieRule = (cookie: string | undefined) => boolean;

const pattern = /^[!#$%&'+.^_`|~\w-]+\*?$/;
const special = /[$()*+.?[\\\]^{|}]/g;
const illegalInValue = /[^\x20-\x7e\x80-\xff]/;

/**
 * Makes the rule for cookies from the options.
 *
 * @param mode `ignore`: cookies are not looked at.
 * @param ignoreCookies names beyond the well-known ones; a `*` at the end stands for any rest.
 * @throws PagetreeError `ERR_PAGETREE_OPTION` when a name cannot be the name of a cookie.
 */
export function compileCookieRule(mode: 'bypass' | 'ignore', ignoreCookies: readonly string[]): CookieRule {
  const names = new Set<string>();
  const prefixes: string[] = [];
  for (const entry of [...ignorableCookies, ...ignoreCookies]) {
    if (!pattern.test(entry)) {
      throw new PagetreeError(
        'ERR_PAGETREE_OPTION',
        `The option ignoreCookies has ${JSON.stringify(entry)}; expected the name of a cookie, or its beginning and "*".`,
      );
    }
    if (entry.endsWith('*')) prefixes.push(entry.slice(0, -1));
    else names.add(entry);
  }
  if (mode === 'ignore') return () => true;
  const beginnings = prefixes.map((prefix) => prefix.replace(special, '\\$&')).join('|');
  const family = new RegExp(`^(?:${beginnings})[!#$%&'*+.^_\`|~\\w-]*$`);
  const ignorable = remember((name) => names.has(name) || family.test(name));
  return (cookie) => cookie === undefined || cookie === '' || everyName(cookie, ignorable);
}

/**
 * Names are compared as they are, case and all. Whatever servers read in two ways is not ignorable: a pair
 * without `=`, an empty pair, a blank around the name, a control byte (RFC 6265, 4.2.1), and a `=` behind a comma: proxies join
 * several fields with one (Apache), and some servers end a cookie there (RFC 2109, 4.3.4).
 */
function everyName(cookie: string, ignorable: (name: string) => boolean): boolean {
  if (illegalInValue.test(cookie)) return false;
  for (let start = 0; ; ) {
    const equals = cookie.indexOf('=', start);
    const semicolon = cookie.indexOf(';', start);
    const end = semicolon === -1 ? cookie.length : semicolon;
    if (equals === -1 || equals > end || !ignorable(cookie.slice(start, equals))) return false;
    const comma = cookie.slice(equals, end).indexOf(',');
    if (comma !== -1 && cookie.lastIndexOf('=', end) > equals + comma) return false;
    if (semicolon === -1) return true;
    start = cookie.charCodeAt(end + 1) === 0x20 ? end + 2 : end + 1;
  }
}
