import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** Asks the site as a browser would: one connection that stays open, one request after the other. */
export class Visitor {
  #host;
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(origin) {
    this.#host = new URL(origin);
  }

  /** One GET, timed from the request to the last byte of the body. */
  async get(path) {
    const { hostname, port } = this.#host;
    const started = performance.now();
    // Not as a URL: that would lose a `?` with nothing behind it.
    const asked = request({ hostname, port, path, agent: this.#agent }).end();
    const [response] = await once(asked, 'response');
    const { length } = await buffer(response);
    const milliseconds = performance.now() - started;
    const cacheStatus = response.headers['cache-status'] ?? 'no Cache-Status';
    return { status: response.statusCode, cacheStatus, bytes: length, milliseconds };
  }

  leave() {
    this.#agent.destroy();
  }
}

/** The middle one: a pause of the machine in one of many requests does not move it. */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
