/** Which cookies change nothing, as a pattern over a `Cookie` field. `@pagetree/core` has the list too and keeps it to itself; a test holds both together. */
import { PagetreeError } from '@pagetree/core';
import type { Engine } from './spelling.ts';
import { literal } from './spelling.ts';

/** Cookies that no application renders another page for. `*` at the end stands for any rest. */
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

/** What a name may have, for a character class. */
const token = "!#$%&'*+.^_`|~0-9A-Za-z-";

/**
 * A pattern for `Cookie` fields with nothing but cookies that can be ignored. Whatever servers read in two ways does not
 * match: a pair without `=`, an empty pair, a blank around a name. With `re2` a comma does not match either: there several
 * fields come joined by one.
 *
 * @throws PagetreeError ERR_PAGETREE_OPTION on a name that no cookie has.
 */
export function ignorableCookieLine(ignoreCookies: readonly string[], engine: Engine): string {
  for (const name of ignoreCookies) {
    if (!/^[!#$%&'+.^_`|~\w-]+\*?$/.test(name)) {
      throw new PagetreeError(
        'ERR_PAGETREE_OPTION',
        `ignoreCookies: expected the name of a cookie, or its beginning and "*", but got ${JSON.stringify(name)}.`,
      );
    }
  }
  const all = [...new Set([...ignorableCookies, ...ignoreCookies])];
  const names = all.filter((name) => !name.endsWith('*')).map(literal);
  const beginnings = all.filter((name) => name.endsWith('*')).map((name) => literal(name.slice(0, -1)));
  const name = `(?:${names.join('|')}|(?:${beginnings.join('|')})[${token}]*)`;
  const value = engine === 'pcre' ? '[^\\x00-\\x1f\\x7f;]*+' : '[^\\x00-\\x1f\\x7f;,]*';
  return `^(?:${name}=${value})(?:; ?${name}=${value})*$`;
}
