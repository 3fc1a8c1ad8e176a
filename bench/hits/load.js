/**
 * A client that is faster than any server here: `node load.js '{"port": 3000, ...}'` asks over some connections,
 * one request after the other on each, and prints what came as JSON. Bodies are counted, not looked at.
 */
import { connect } from 'node:net';

/** What is asked, and for how long. */
const wanted = {
  port: 0,
  connections: 32,
  seconds: 2,
  /** Not counted, before. */
  warmup: 0.3,
  targets: ['/'],
  /** `random`: each alike. `zipf`: the n-th as often as 1/n. `once`: each a single time. `fresh`: no target comes twice. */
  order: 'random',
  method: 'GET',
  headers: [],
  seed: 1,
  ...JSON.parse(process.argv[2]),
};

const { targets, method, headers } = wanted;
const bytesOf = (target) =>
  Buffer.from(
    [`${method} ${target} HTTP/1.1`, 'Host: bench.test', ...headers, '', ''].join('\r\n'),
    'latin1',
  );
const requests = wanted.order === 'fresh' ? [] : targets.map(bytesOf);

let state = wanted.seed >>> 0 || 1;
/** xorshift: the same requests in the same order for every server. */
function random() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
}

const weights = requests.map((_, index) => 1 / (index + 1));
const total = weights.reduce((sum, weight) => sum + weight, 0);
let reached = 0;
const shares = weights.map((weight) => {
  reached += weight / total;
  return reached;
});

function zipf() {
  const at = random();
  let low = 0;
  let high = shares.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (shares[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

let asked = 0;
const next = {
  random: () => requests[Math.floor(random() * requests.length)],
  zipf: () => requests[zipf()],
  once: () => requests[asked++],
  fresh: () => bytesOf(`${targets[0]}${wanted.seed}-${asked++}`),
}[wanted.order];

const statuses = {};
let bytes = 0;
let times = [];
let firsts = [];
let failed = 0;
let counting = false;
let over = false;

const bodyless = method === 'HEAD';

/** One connection: asks, waits for the whole answer, asks again. */
function lane() {
  return new Promise((resolve) => {
    const socket = connect(wanted.port, '127.0.0.1');
    socket.setNoDelay(true);
    let began = 0;
    let first = 0;
    /** Bytes of the body that are missing; `undefined`: the head is not there yet. -1: chunked. */
    let missing;
    let head = '';
    let tail = '';
    const ask = () => {
      const request = over ? undefined : next();
      if (request === undefined) {
        socket.end();
        return;
      }
      missing = undefined;
      head = '';
      began = performance.now();
      socket.write(request);
    };
    const answered = () => {
      if (counting) {
        times.push(performance.now() - began);
        firsts.push(first - began);
      }
      ask();
    };
    socket.on('connect', ask);
    socket.on('data', (chunk) => {
      bytes += counting ? chunk.length : 0;
      let rest = chunk.length;
      if (missing === undefined) {
        if (head === '') first = performance.now();
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        rest = head.length - end - 4;
        const status = head.slice(9, 12);
        if (counting) statuses[status] = (statuses[status] ?? 0) + 1;
        if (/\r\ntransfer-encoding: chunked/i.test(head)) {
          missing = -1;
          tail = head.slice(end + 2);
        } else if (bodyless || status === '304') {
          missing = 0;
        } else {
          missing = Number(/\r\ncontent-length: (\d+)/i.exec(head)[1]);
        }
      } else if (missing === -1) {
        tail = `${tail.slice(-7)}${chunk.toString('latin1', Math.max(0, chunk.length - 7))}`;
      }
      if (missing === -1) {
        if (tail.endsWith('\r\n0\r\n\r\n')) answered();
        return;
      }
      missing -= rest;
      if (missing < 0) throw new Error('more came than was asked for');
      if (missing === 0) answered();
    });
    socket.on('error', () => {
      failed += 1;
    });
    socket.on('close', () => {
      if (!over && wanted.order !== 'once') failed += 1;
      resolve();
    });
  });
}

/**
 * A client that sleeps has to be woken for each answer, which the server pays for: on virtual machines several
 * microseconds. So it never sleeps, and all servers are measured alike.
 */
let awake = setImmediate(function stay() {
  awake = setImmediate(stay);
});

const lanes = Promise.all(Array.from({ length: wanted.connections }, lane));
let seconds = 0;
if (wanted.order === 'once') {
  counting = true;
  const began = performance.now();
  await lanes;
  seconds = (performance.now() - began) / 1000;
} else {
  await new Promise((resolve) => setTimeout(resolve, wanted.warmup * 1000));
  counting = true;
  const began = performance.now();
  process.send?.('began');
  await new Promise((resolve) => setTimeout(resolve, wanted.seconds * 1000));
  counting = false;
  process.send?.('ended');
  seconds = (performance.now() - began) / 1000;
  over = true;
  await lanes;
}

const sorted = (values) => values.sort((one, other) => one - other);
const at = (values, share) => values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? null;
clearImmediate(awake);
times = sorted(times);
firsts = sorted(firsts);
const found = {
  requests: times.length,
  seconds,
  perSecond: times.length / seconds,
  bytes,
  failed,
  statuses,
  p50: at(times, 0.5),
  p99: at(times, 0.99),
  firstByteP50: at(firsts, 0.5),
  firstByteP99: at(firsts, 0.99),
};
if (process.send) process.send(found);
else console.log(JSON.stringify(found));
process.disconnect?.();
