import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PagetreeError } from '../../src/errors.ts';
import { compileCookieRule, ignorableCookies } from '../../src/policy/cookies.ts';

describe('cookies', () => {
  const areIgnorable = compileCookieRule('bypass', ['theme', 'exp.*']);

  it.each([
    undefined,
    '',
    '_ga=GA1.1.1',
    '_ga_ABC123=GS1; _gid=x; _gat=1; _gat_gtag_UA_1=1',
    'CookieConsent={stamp:%27x%27}; OptanonConsent=a=b&c=d',
    'cookielawinfo-checkbox-necessary=yes',
    '_hjSessionUser_1="quoted"',
    '__utma=1;__utmz=2',
    '__hstc=1; hubspotutk=2; _clck=3; _clsk=4; _uetsid=5; _uetvid=6; _ym_uid=7; _pk_id.1.1fff=8',
    'crisp-client%2Fsession%2Fx=1',
    'theme=dark',
    'exp.one=1; exp.=2',
    '_ga=',
    '_ga=a, b',
    'notice_gdpr_prefs=0,1,2:; _ga=a=b,c; _gid=1',
    '_ga=\u00e9',
  ])('%j does not change a page', (cookie) => {
    expect(areIgnorable(cookie)).toBe(true);
  });

  it.each([
    ['a session', 'session=1'],
    ['a session among others', '_ga=1; session=1; _gid=2'],
    ['a session behind a quote', '_ga="1; session=1"'],
    ['a session in a field of its own, which a proxy joined with a comma', '_ga=1, session=1'],
    ['the same among others', '_gid=1; _ga=1,2, session=1; _gat=1'],
    ['the same without a blank', '_ga=a=1,session=1'],
    ['another case', '_GA=1'],
    ['a longer name', '_gax=1'],
    ['a longer name of an option', 'themes=1'],
    ['a dot that is no wildcard', 'expXone=1'],
    ['no name', '=1'],
    ['no equals sign', 'theme'],
    ['no equals sign in the first', '_ga; theme=1'],
    ['an empty pair', '_ga=1;; _gid=2'],
    ['an empty pair at the end', '_ga=1;'],
    ['an empty pair at the end and a blank', '_ga=1; '],
    ['a blank before the equals sign', '_ga =1'],
    ['a blank too many', '_ga=1;  _gid=2'],
    ['a blank at the beginning', ' _ga=1'],
    ['a tab', '_ga=1;\t_gid=2'],
    ['a control byte', '_ga=\u0000'],
    ['a line break', '_ga=1\r\nX: y'],
    ['an illegal name in a family', '_ga_[x]=1'],
    ['the version of RFC 2109', '$Version=1; _ga=1'],
  ])('%s may', (_name, cookie) => {
    expect(areIgnorable(cookie)).toBe(false);
  });

  it('with `ignore` are not looked at', () => {
    expect(compileCookieRule('ignore', [])('session=1')).toBe(true);
  });

  it.each(['*', '', 'a*b', '*a', 'a b', 'a;b', 'a=b', 'a**'])('%j is not the name of a cookie', (name) => {
    expect(() => compileCookieRule('bypass', [name])).toThrow(PagetreeError);
    expect(() => compileCookieRule('ignore', [name])).toThrow(
      `The option ignoreCookies has ${JSON.stringify(name)}; expected the name of a cookie, or its beginning and "*".`,
    );
  });

  it('the list has each name once and no family so wide that it covers a session', () => {
    expect(new Set(ignorableCookies).size).toBe(ignorableCookies.length);
    const sessions = [
      'PHPSESSID',
      'JSESSIONID',
      'connect.sid',
      'session',
      'sid',
      'token',
      'auth',
      'jwt',
      'user',
      'cart',
      'lang',
      'wordpress_logged_in_x',
      'laravel_session',
      '_session_id',
      'csrftoken',
      'XSRF-TOKEN',
      '__Host-session',
      '__Secure-next-auth.session-token',
      'next-auth.session-token',
      'sb-access-token',
      '__session',
      '__client_uat',
      'mp_session',
      'NEXT_LOCALE',
      '__prerender_bypass',
      'ASP.NET_SessionId',
    ];
    expect(sessions.filter((name) => areIgnorable(`${name}=1`))).toEqual([]);
  });

  it('a field is ignorable when each of its cookies is', () => {
    const pair = fc.constantFrom('_ga=1', '_ga_x=2', 'theme=3', 'session=4', 'a=b=c', '_GA=1');
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1 }), fc.constantFrom(';', '; '), (pairs, separator) => {
        expect(areIgnorable(pairs.join(separator))).toBe(pairs.every((one) => areIgnorable(one)));
      }),
    );
  });
});
