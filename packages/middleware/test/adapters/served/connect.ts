/** Connect, Polka and Express: frameworks that take middleware of `(req, res, next)`. */
import { createServer, type RequestListener } from 'node:http';
import type { PageCache } from '@pagetree/core';
import connect from 'connect';
import express5 from 'express';
import express4 from 'express4';
import polka from 'polka';
import polkaNext from 'polka-next';
import { pageCache } from '../../../src/index.ts';
import { type Adapter, answerOnNode, askedOf, sendBody } from '../adapter.ts';
import { html, type Middleware, type Stage } from '../stage.ts';
import { served } from './node.ts';

/** The middleware of the site in its order; the last one answers. */
function stack(stage: Stage, cache: PageCache | undefined, answer: Middleware): Middleware[] {
  const cached: Middleware[] = cache ? [pageCache({ cache })] : [];
  return [stage.above, ...cached, stage.below, answer];
}

function overConnect(stage: Stage, cache: PageCache | undefined): RequestListener {
  const made = connect();
  for (const one of stack(stage, cache, (req, res) => answerOnNode(stage, req, res)))
    made.use(one as connect.NextHandleFunction);
  return made;
}

function overPolka(make: typeof polka) {
  return (stage: Stage, cache: PageCache | undefined): RequestListener => {
    const made = make();
    for (const one of stack(stage, cache, (req, res) => answerOnNode(stage, req, res)))
      made.use(one as polka.Middleware);
    return made.handler as unknown as RequestListener;
  };
}

function overExpress(make: typeof express5) {
  return (stage: Stage, cache: PageCache | undefined): RequestListener => {
    const made = make();
    made.set('env', 'test');
    const answer: express5.RequestHandler = (req, res, next) => {
      if (stage.isOnNode) return stage.onNode(req, res);
      const sent = (async () => {
        const {
          status = 200,
          fields = html,
          body,
        } = await stage.answer({
          ...askedOf(req),
          url: req.originalUrl,
        });
        res.status(status).set(fields as Record<string, string>);
        if (body === undefined) res.end();
        else if (typeof body === 'string' || Buffer.isBuffer(body)) res.send(body);
        else await sendBody(body, res);
      })();
      sent.catch(next);
    };
    for (const one of stack(stage, cache, answer as unknown as Middleware)) made.use(one as never);
    return made;
  };
}

const frameworks: Readonly<Record<string, (stage: Stage, cache: PageCache | undefined) => RequestListener>> =
  {
    Connect: overConnect,
    'Polka 0.5': overPolka(polka),
    'Polka 1': overPolka(polkaNext as unknown as typeof polka),
    'Express 4': overExpress(express4),
    'Express 5': overExpress(express5),
  };

export const connectAdapters: readonly Adapter[] = Object.entries(frameworks).map(([name, listener]) => ({
  name,
  protocol: 'HTTP/1',
  secure: false,
  lacks: {},
  serve: async (stage, cache) => served(createServer(listener(stage, cache))),
}));
