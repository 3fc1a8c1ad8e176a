/** Plain `node:http`, and its siblings with TLS and HTTP/2. */
import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttp2Server, createSecureServer, type Http2SecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { Server } from 'node:net';
import type { PageCache } from '@pagetree/core';
import { withPageCache } from '../../../src/index.ts';
import { type Adapter, answerOnNode, type Served } from '../adapter.ts';
import type { Stage } from '../stage.ts';
import { keyed } from '../tls.ts';

/** The site as one listener. */
export function nodeListener(stage: Stage, cache: PageCache | undefined): RequestListener {
  const application: RequestListener = (req, res) =>
    stage.below(req, res, () => answerOnNode(stage, req, res));
  const site = cache ? withPageCache({ cache }, application) : application;
  return (req, res) => stage.above(req, res, () => site(req, res));
}

/** A server that is stopped by closing it. */
export function served(server: Server & { closeAllConnections?: () => void }): Served {
  return {
    server,
    stop: async () => {
      server.closeAllConnections?.();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** TLS tells of the end of the client's half together with the request, before anybody can wait for the tree. */
const halfClosed = {
  'a client that closes its half':
    'Node hears of the end before a listener that answers later; without the cache, too, only those that answer at once are in time',
};

const withoutHead = 'HTTP/2 has neither connections of one request nor chunks';

export const nodeAdapters: readonly Adapter[] = [
  {
    name: 'node:http',
    protocol: 'HTTP/1',
    secure: false,
    lacks: {},
    serve: async (stage, cache) => served(createServer(nodeListener(stage, cache))),
  },
  {
    name: 'node:https',
    protocol: 'HTTP/1',
    secure: true,
    lacks: {},
    differs: halfClosed,
    serve: async (stage, cache) => served(createHttpsServer(keyed.server, nodeListener(stage, cache))),
  },
  {
    name: 'node:http2 without TLS',
    protocol: 'HTTP/2',
    secure: false,
    lacks: { 'HTTP/1': withoutHead },
    serve: async (stage, cache) => served(createHttp2Server(nodeListener(stage, cache) as never)),
  },
  {
    name: 'node:http2 with TLS',
    protocol: 'HTTP/2',
    secure: true,
    lacks: { 'HTTP/1': withoutHead },
    serve: async (stage, cache) => served(both(stage, cache)),
  },
  {
    name: 'node:http2 asked in HTTP/1.1',
    protocol: 'HTTP/1',
    secure: true,
    lacks: {},
    differs: halfClosed,
    serve: async (stage, cache) => served(both(stage, cache)),
  },
];

function both(stage: Stage, cache: PageCache | undefined): Http2SecureServer {
  return createSecureServer({ ...keyed.server, allowHTTP1: true }, nodeListener(stage, cache) as never);
}
