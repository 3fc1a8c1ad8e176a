/** An application of `bench misses` in a process of its own, with the cache off or on: no page is asked for twice. */
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { withPageCache } from '@pagetree/middleware';

const wanted = JSON.parse(process.argv[2]);
const head = { 'Content-Type': 'text/html; charset=utf-8' };
const line = '<p>a page of the site, with some words in it</p>\n';
const small = Buffer.from(line.repeat(1000).slice(0, 16_384));
const tiny = small.subarray(0, 2048);
const chunk = small;

function work(milliseconds) {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

const answer = (res, body) => {
  res.writeHead(200, { ...head, 'Content-Length': body.length });
  res.end(body);
};

const applications = {
  /** Answers a constant at once. */
  constant: (_, res) => answer(res, tiny),
  /** Keeps the processor busy for 5 ms a page, as rendering does. */
  works(_, res) {
    work(5);
    answer(res, small);
  },
  /** Waits 5 ms for a page, as for a database. */
  async waits(_, res) {
    await sleep(5);
    answer(res, small);
  },
  /** 1 MiB in chunks of 16 KiB, at the client's pace. */
  async streams(_, res) {
    res.writeHead(200, head);
    for (let sent = 0; sent < 64; sent += 1) {
      if (!res.write(chunk)) await new Promise((resolve) => res.once('drain', resolve));
      if (res.destroyed) return;
    }
    res.end();
  },
};

const outcomes = {};
const count = (event) => {
  const name = event.reason ? `${event.type} ${event.reason}` : event.type;
  outcomes[name] = (outcomes[name] ?? 0) + 1;
};
const application = applications[wanted.application];
const listener = wanted.cacheDir
  ? withPageCache({ cacheDir: wanted.cacheDir, onEvent: count, ...wanted.options }, application)
  : application;
const server = createServer((req, res) => {
  if (req.url !== '/outcomes') return listener(req, res);
  res.end(JSON.stringify({ outcomes, rss: process.memoryUsage.rss() }));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
console.log(JSON.stringify({ port: server.address().port }));
const stop = () => process.exit();
process.stdin.on('end', stop).resume();
process.on('SIGTERM', stop);
