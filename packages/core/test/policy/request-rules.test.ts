import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HeaderMap } from '../../src/contracts.ts';
import { compileRequestPolicy, type RequestPolicyOptions } from '../../src/policy/decide.ts';
import type { Reason } from '../../src/policy/reasons.ts';
import { judgeFill } from '../../src/policy/request-rules.ts';
import {
  credentialHeaders,
  routingHeaderPrefixes,
  routingHeaders,
} from '../../src/policy/routing-headers.ts';

const browser = {
  host: 'www.example.org',
  connection: 'keep-alive',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8',
  'accept-encoding': 'gzip, deflate, br, zstd',
  'accept-language': 'en,de;q=0.8',
  'cache-control': 'no-cache',
  pragma: 'no-cache',
  'sec-fetch-dest': 'document',
  'upgrade-insecure-requests': '1',
  'user-agent': 'Mozilla/5.0',
};
const proxied = {
  ...browser,
  forwarded: 'for="[2001:db8::1]:4711";host=www.example.org;proto=https, for=192.0.2.1:80;proto=http',
  'x-forwarded-for': '192.0.2.1, 192.0.2.2',
  'x-forwarded-host': 'www.example.org',
  'x-forwarded-port': '443',
  'x-forwarded-proto': 'https,http',
  'x-forwarded-server': 'proxy01',
  'x-real-ip': '192.0.2.1',
  'x-request-id': '1',
  via: '1.1 proxy01',
};

function judge(headers: HeaderMap, options: RequestPolicyOptions = {}, method = 'GET') {
  return compileRequestPolicy(options)({ method, target: '/a', headers }, '/a', 'text/html');
}

describe('requests that use the cache', () => {
  it.each<[string, HeaderMap]>([
    ['an empty one', {}],
    ['of a browser', browser],
    ['of a browser behind proxies', proxied],
    ['with an empty body', { 'content-length': '0' }],
    ['for a range', { range: 'bytes=0-1' }],
    ['with a precondition', { 'if-none-match': '"a"' }],
    ['that closes', { connection: 'close' }],
    ['with Connection: upgrade and no Upgrade', { connection: 'upgrade' }],
    ['with an empty Upgrade', { connection: 'Upgrade', upgrade: '' }],
    ['with options of the connection', { connection: 'TE, keep-alive ,, HTTP2-Settings' }],
    ['with cookies of scripts', { cookie: '_ga=1; _gid=2' }],
    ['with cookies of scripts in lines', { cookie: ['_ga=1', '_gid=2'] }],
    ['of HTTP/2', { ':authority': 'www.example.org' }],
    ['with both names of the host', { ':authority': 'www.example.org', host: 'www.example.org' }],
    ['that Turbo made', { 'x-turbo-request-id': 'x', accept: 'text/html, application/xhtml+xml' }],
    [
      'with a header that is not there',
      { authorization: undefined, 'x-original-url': undefined, 'hx-request': undefined },
    ],
  ])('%s', (_name, headers) => {
    expect(judge(headers)).toBeUndefined();
    expect(judge(headers, {}, 'HEAD')).toBeUndefined();
  });
});

describe('requests that bypass the cache', () => {
  it.each(['POST', 'PUT', 'OPTIONS', 'get', 'PURGE', ''])('method: %j', (method) => {
    expect(judge(browser, {}, method)).toBe('method');
  });

  it('outside-cache-paths and excluded-path: what the predicates say of the key', () => {
    const keys: string[] = [];
    const isInside = (key: string) => keys.push(key) > 1;
    const policy = compileRequestPolicy({ isInside, isExcluded: (key) => key === '/a' });
    const request = { method: 'GET', target: '/a', headers: {} };
    expect(policy(request, '/b', 'text/html')).toBe('outside-cache-paths');
    expect(policy(request, '/a', 'text/html')).toBe('excluded-path');
    expect(policy(request, '/b', 'text/html')).toBeUndefined();
    expect(keys).toEqual(['/b', '/a', '/b']);
  });

  it.each([...credentialHeaders])('authorization: %s', (name) => {
    expect(judge({ ...browser, [name]: 'x' })).toBe('authorization');
  });

  it.each([
    ['Kong', 'apikey', 'x-consumer-username', 'x-consumer-id'],
    ['Traefik', 'x-forwarded-tls-client-cert', 'x-forwarded-tls-client-cert-info'],
    ['ingress-nginx and others', 'ssl-client-cert', 'ssl-client-subject-dn'],
    ['HAProxy and others', 'x-ssl-client-dn', 'x-ssl-client-s-dn'],
    ['Pomerium and Vouch', 'x-pomerium-jwt-assertion', 'x-vouch-user'],
    ['API gateways', 'ocp-apim-subscription-key', 'x-apigateway-api-userinfo', 'x-endpoint-api-userinfo'],
    ['more of them', 'x-jwt-assertion', 'x-userinfo', 'private-token'],
    ['Azure and Cloudflare', 'x-ms-client-principal-name', 'cf-access-authenticated-user-email'],
  ])('authorization: what %s says', (_, ...names) => {
    for (const name of names) expect(judge({ ...browser, [name]: 'x' }), name).toBe('authorization');
  });

  it('authorization comes before routing-header, whichever stands first', () => {
    expect(judge({ rsc: '1', authorization: 'x' })).toBe('authorization');
    expect(judge({ authorization: 'x', rsc: '1' })).toBe('authorization');
  });

  it.each([
    ...routingHeaders,
    ...routingHeaderPrefixes,
    'next-router-state-tree',
    'next-router-prefetch',
    'next-router-segment-prefetch',
    'next-action',
    'next-url',
    'hx-request',
    'hx-boosted',
    'x-pjax-container',
    'x-inertia-version',
    'x-nextjs-data',
    'x-middleware-prefetch',
    'x-middleware-subrequest',
    'x-up-target',
    'x-livewire',
    'x-alpine-request',
    'accept-version',
  ])('routing-header: %s', (name) => {
    expect(judge({ ...browser, [name]: '' })).toBe('routing-header');
  });

  it.each<[string, HeaderMap]>([
    ['a scheme that is none', { 'x-forwarded-proto': 'nothttps' }],
    ['a scheme that is none, by another name', { 'x-forwarded-scheme': 'nothttps' }],
    ['a scheme that is none among others', { 'x-forwarded-proto': 'https, evil' }],
    ['an empty scheme', { 'x-forwarded-proto': '' }],
    ['a scheme that is none, in Forwarded', { forwarded: 'for=x;proto="javascript:"' }],
    ['a scheme without a value', { forwarded: 'proto' }],
    ['a port that is not that of the host', { host: 'a:3000', 'x-forwarded-port': '1337' }],
    ['a port and no host', { 'x-forwarded-port': '3000' }],
    ['a port in the middle of a port', { host: 'a:3000', 'x-forwarded-port': '000' }],
    ['a port that is none', { host: 'a', 'x-forwarded-port': 'a' }],
    ['one port too many', { host: 'a', 'x-forwarded-port': '443, 1337' }],
  ])('routing-header: %s', (_name, headers) => {
    expect(judge(headers)).toBe('routing-header');
  });

  it('ports of honest proxies pass', () => {
    expect(judge({ host: 'a:3000', 'x-forwarded-port': '3000' })).toBeUndefined();
    expect(judge({ host: 'a', 'x-forwarded-port': '443,80' })).toBeUndefined();
    const public8443 = { host: '127.0.0.1:3000', 'x-forwarded-host': 'a:8443', 'x-forwarded-port': '8443' };
    expect(judge(public8443, { hosts: ['127.0.0.1:3000', 'a:8443'] })).toBeUndefined();
  });

  it.each<HeaderMap>([
    { 'content-length': '1' },
    { 'content-length': 'x' },
    { 'content-length': ['0', '0'] },
    { 'transfer-encoding': 'chunked' },
  ])('request-body: %j', (headers) => {
    expect(judge(headers)).toBe('request-body');
  });

  it.each<HeaderMap>([
    { connection: 'upgrade', upgrade: 'websocket' },
    { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c' },
    { upgrade: ['a', 'b'] },
  ])('upgrade: %j', (headers) => {
    expect(judge(headers)).toBe('upgrade');
  });

  it.each<HeaderMap>([
    { connection: 'X-Forwarded-Host' },
    { connection: 'close, x-forwarded-proto' },
    { connection: ['keep-alive', 'cookie'] },
    { connection: 'keep-alive; x' },
  ])('connection-header: %j', (headers) => {
    expect(judge(headers)).toBe('connection-header');
  });

  it.each<HeaderMap>([
    { accept: 'application/json' },
    { accept: ['application/json', 'text/css'] },
    { accept: 'nonsense' },
  ])('accept: %j', (headers) => {
    expect(judge(headers)).toBe('accept');
  });

  it.each<HeaderMap>([{ cookie: 'session=1' }, { cookie: ['_ga=1', 'session=1'] }])(
    'cookie: %j',
    (headers) => {
      expect(judge(headers)).toBe('cookie');
      expect(judge(headers, { cookies: 'ignore' })).toBeUndefined();
      expect(judge(headers, { ignoreCookies: ['session'] })).toBeUndefined();
    },
  );
});

describe('hosts', () => {
  const hosts = ['Example.org', 'www.example.org', 'localhost:3000', '[::1]:3000'];

  it.each<HeaderMap>([
    { host: 'example.org' },
    { host: 'EXAMPLE.org' },
    { host: ['example.org'] },
    { host: 'localhost:3000' },
    { host: '[::1]:3000' },
    { ':authority': 'example.org' },
    { host: 'localhost:3000', 'x-forwarded-host': 'WWW.example.org' },
    { host: 'localhost:3000', 'x-forwarded-host': 'www.example.org, example.org' },
    { host: 'localhost:3000', forwarded: 'host="www.example.org"' },
  ])('%j is this site', (headers) => {
    expect(judge(headers, { hosts })).toBeUndefined();
  });

  it.each<HeaderMap>([
    {},
    { host: '' },
    { host: 'other.org' },
    { host: 'example.org.' },
    { host: 'example.org:80' },
    { host: 'example.org:443' },
    { host: 'localhost' },
    { host: ['example.org', 'example.org'] },
    { host: 'example.org', ':authority': 'www.example.org' },
    { ':authority': ['example.org', 'other.org'] },
    { host: 'example.org', 'x-forwarded-host': 'other.org' },
    { host: 'example.org', 'x-forwarded-host': 'example.org, other.org' },
    { host: 'example.org', 'x-forwarded-host': ['example.org', 'other.org'] },
    { host: 'example.org', 'x-forwarded-host': '' },
    { host: 'example.org', forwarded: 'host=other.org' },
    { host: 'example.org', forwarded: 'host' },
    { host: 'example.org', forwarded: 'host="' },
    { host: 'example.org', 'x-host': 'other.org' },
    { host: 'example.org', 'x-original-host': 'other.org' },
    { host: 'example.org', 'x-http-host-override': 'other.org' },
  ])('%j is another site', (headers) => {
    expect(judge(headers, { hosts })).toBe('host');
  });

  it.each([
    '',
    'a b',
    'a/b',
    'a"><script>',
    'user@a',
    'a:',
    'a:x',
    'a:123456',
    '.a',
    '[::1',
    'a,b',
    'caf\u00e9',
    'a?b',
    'a#b',
  ])('%j is no host at all, whatever the options say', (host) => {
    expect(judge({ host })).toBe('host');
  });

  it.each<HeaderMap>([
    { host: 'a', 'x-forwarded-host': 'b' },
    { host: 'a', 'x-forwarded-host': 'a, b' },
    { host: 'a', 'x-forwarded-host': 'a:443' },
    { 'x-forwarded-host': 'a' },
    { host: 'a', 'x-original-host': 'b' },
    { host: 'a', 'x-host': 'b' },
    { host: 'a', forwarded: 'host=b' },
    { host: 'a', forwarded: 'host=a;;;"' },
  ])('forwarded-host: without `hosts`, %j names two', (headers) => {
    expect(judge(headers)).toBe('forwarded-host');
  });

  it('without `hosts`, one host by two names is one', () => {
    expect(judge({ host: 'A:80', 'x-forwarded-host': 'a:80', forwarded: 'HOST="A:80"' })).toBeUndefined();
  });
});

describe('the rules', () => {
  it('are asked in turn, and the first that finds something decides', () => {
    const wrong: [Reason, HeaderMap][] = [
      ['authorization', { authorization: 'x' }],
      ['routing-header', { 'hx-request': 'true' }],
      ['request-body', { 'content-length': '1' }],
      ['upgrade', { upgrade: 'websocket' }],
      ['connection-header', { connection: 'x-a' }],
      ['host', { host: '/' }],
      ['routing-header', { 'x-forwarded-proto': 'ftp' }],
      ['accept', { accept: 'text/css' }],
      ['cookie', { cookie: 'session=1' }],
    ];
    const all = Object.assign({}, ...wrong.map(([, headers]) => headers));
    const isInside = () => false;
    expect(judge(all, { isInside }, 'POST')).toBe('method');
    expect(judge(all, { isInside })).toBe('outside-cache-paths');
    for (const [reason, headers] of wrong) {
      expect(judge(all), reason).toBe(reason);
      for (const name of Object.keys(headers)) delete all[name];
    }
    expect(judge(all)).toBeUndefined();
  });

  it('say of a request what they said of it before, whatever was asked in between', () => {
    const policy = compileRequestPolicy();
    const texts = [
      ...['a', 'A', 'b:80', '*/*', 'text/html', 'text/css', 'text/*;q=0', 'x', '_ga=1', '_ga_X=1', 'x=1', ''],
      ...['text/html,*/*;q=0.8', 'keep-alive', 'a, b'],
    ];
    const headers = fc.record(
      {
        host: fc.constantFrom(...texts),
        accept: fc.constantFrom(...texts),
        cookie: fc.constantFrom(...texts),
        'x-forwarded-host': fc.constantFrom(...texts),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(headers, fc.constantFrom('text/html', 'text/css'), (some, type) => {
        const request = { method: 'GET', target: '/a', headers: some };
        return policy(request, '/a', type) === compileRequestPolicy()(request, '/a', type);
      }),
    );
  });

  it('are total', () => {
    const name = fc.constantFrom(
      'host',
      'forwarded',
      'x-forwarded-host',
      'x-forwarded-port',
      'cookie',
      'accept',
      'connection',
      'content-length',
      'upgrade',
      ':authority',
    );
    const value = fc.oneof(fc.string(), fc.array(fc.string()), fc.constant(undefined));
    const policies = [compileRequestPolicy(), compileRequestPolicy({ hosts: ['a'] })];
    fc.assert(
      fc.property(fc.dictionary(name, value), (headers) => {
        for (const policy of policies) policy({ method: 'GET', target: '/a', headers }, '/a', 'text/html');
      }),
    );
  });

  it('take linear time', () => {
    const long = (unit: string) => unit.repeat(16_000);
    const before = process.cpuUsage();
    for (const unit of [' ', ',', ';', '=', '"', 'a', '_ga=1;', ', ', '*/*,']) {
      for (const name of ['accept', 'cookie', 'connection', 'forwarded', 'host', 'x-forwarded-host']) {
        judge({ [name]: long(unit) });
        judge({ [name]: `a${long(unit)}\u0000` });
      }
    }
    // Processor time: others may keep the machine busy.
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(2000);
  });
});

describe('a miss', () => {
  it('is stored for a whole GET only', () => {
    expect(judgeFill({ method: 'GET', target: '/a', headers: {} })).toBeUndefined();
    expect(judgeFill({ method: 'HEAD', target: '/a', headers: {} })).toBe('method');
    expect(judgeFill({ method: 'GET', target: '/a', headers: { range: 'bytes=0-' } })).toBe('range');
  });
});
