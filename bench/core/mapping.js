import { median, rounded } from '../timed.js';
import { inner } from './inner.js';

export const question =
  'How long does it take to map a target to its place and type, and to judge its request?';

const ROUNDS = 15;
const BATCHES = 500;
const BATCH = 100;
const TIMES = BATCHES * BATCH;
const GOAL = 2;

/** Headers as Chromium and curl send them. */
const headers = {
  chromium: {
    host: 'example.org',
    connection: 'keep-alive',
    'sec-ch-ua': '"Chromium";v="120", "Not A(Brand";v="24"',
    'sec-ch-ua-mobile': '?0',
    'sec-ch-ua-platform': '"Linux"',
    'upgrade-insecure-requests': '1',
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36',
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
    'sec-fetch-site': 'none',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    'accept-encoding': 'gzip, deflate, br',
    'accept-language': 'en-GB,en;q=0.9',
    cookie: '_ga=GA1.1.1234567890.1700000000; _gid=GA1.1.987654321.1700000000',
  },
  curl: { host: 'example.org', 'user-agent': 'curl/8', accept: '*/*' },
};

const targets = {
  short: ['/', '/about', '/blog/', '/blog/post', '/a.css'],
  long: ['/shop/garden-and-outdoor/lawn-mowers/electric/a-lawn-mower-with-a-long-name-2024.html'],
  escaped: ['/caf%C3%A9/%E6%97%A5%E6%9C%AC/'],
};

/** As a server has it: every text was just read from a socket, and nobody has looked at it before. */
const fresh = (text) => Buffer.from(text, 'latin1').latin1Slice();
const freshRequest = ({ method, target, headers: fields }) => ({
  method,
  target: fresh(target),
  headers: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, fresh(value)])),
});

export async function run({ say }) {
  const { Mapping } = await inner('mapping.js');
  const { compileRequestPolicy } = await inner('policy/decide.js');
  const { manifestFrom } = await inner('store/manifest.js');
  const mapping = new Mapping(manifestFrom({ types: { '/feed': 'application/xml' } }), '/var/cache/site');
  const policy = compileRequestPolicy({ hosts: ['example.org'] });
  const decide = (request) => {
    const place = mapping.placeOf(request.target);
    return place.kind === 'place'
      ? policy(request, place.key, mapping.typeOf(place).mediaType) === undefined
      : false;
  };
  const cases = {};
  for (const [client, fields] of Object.entries(headers)) {
    for (const [kind, list] of Object.entries(targets)) {
      cases[`${kind} target, ${client}`] = list.map((target) => ({ method: 'GET', target, headers: fields }));
    }
  }
  const micros = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, requests] of Object.entries(cases)) {
      let yes = 0;
      let spent = 0;
      for (let batch = 0; batch < BATCHES; batch += 1) {
        const made = Array.from({ length: BATCH }, (_, at) => freshRequest(requests[at % requests.length]));
        const cpu = process.cpuUsage();
        for (let at = 0; at < BATCH; at += 1) if (decide(made[at])) yes += 1;
        const { user, system } = process.cpuUsage(cpu);
        spent += user + system;
      }
      if (yes !== TIMES) throw new Error(`${name}: ${TIMES - yes} requests were not accepted`);
      // The first round compiles.
      if (round > 0) micros[name].push(spent / TIMES);
    }
  }
  const results = Object.fromEntries(
    Object.entries(micros).map(([name, values]) => [
      name,
      { microseconds: rounded(median(values)), goal: GOAL, reached: median(values) < GOAL },
    ]),
  );
  for (const [name, { microseconds }] of Object.entries(results))
    say(`${name.padEnd(26)} ${microseconds} µs`);
  return { unit: 'microseconds of processor time a request', rounds: ROUNDS, times: TIMES, results };
}
