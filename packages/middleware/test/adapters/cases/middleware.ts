/** Well-known middleware above and below the cache. */
import { Writable } from 'node:stream';
import compression from 'compression';
import cookieSession from 'cookie-session';
import helmet from 'helmet';
import morgan from 'morgan';
import onFinished from 'on-finished';
import { html, type Middleware, type Run } from '../stage.ts';
import type { Case, Cases } from '../suite.ts';

const page = '<p>a page that compresses well</p>'.repeat(200);

/** A page under, or over, one middleware. */
function around(
  title: string,
  make: (run: Run) => Middleware,
  rest: Case = {},
): Readonly<Record<string, Case>> {
  const played: Case = { answers: () => ({ body: page }), ...rest };
  return {
    [`${title}, above the cache`]: { ...played, above: (run) => [make(run)] },
    [`${title}, below the cache`]: { ...played, below: (run) => [make(run)] },
  };
}

function accepting(coding: string): NonNullable<Case['client']> {
  return (client) => client.open({ fields: { 'Accept-Encoding': coding } }).done();
}

/** A log of what morgan says of a response. */
function logged(run: Run): Middleware {
  const stream = new Writable({
    write(line, _, done) {
      run.note(`${line}`);
      run.tell('logged');
      done();
    },
  });
  return morgan(':method :url :status :res[content-length] :res[content-type]', { stream }) as Middleware;
}

const session = cookieSession({ name: 'session', keys: ['a key'] }) as unknown as Middleware;

async function* inPieces(): AsyncGenerator<string> {
  for (let at = 0; at < page.length; at += 500) {
    yield page.slice(at, at + 500);
    await new Promise(setImmediate);
  }
}

export const middleware: Cases = {
  ...around('compression, gzip', () => compression() as never, { client: accepting('gzip') }),
  ...around('compression, br', () => compression() as never, { client: accepting('br') }),
  ...around('compression, refused by the client', () => compression() as never),
  ...around('compression of a page in pieces', () => compression() as never, {
    answers: () => ({ body: inPieces() }),
    client: accepting('gzip'),
  }),
  ...around('helmet', () => helmet() as never),
  ...around('morgan', logged, {
    client: async (client, run) => {
      await client.open().done();
      await run.hear('logged');
    },
  }),
  ...around('a session that nothing is put into', () => session),
  ...around(
    'a session that is begun',
    () => (req, res, next) =>
      session(req, res, () => {
        Object.assign((req as unknown as { session: object }).session, { visits: 1 });
        next();
      }),
    { fates: ['refused: set-cookie'] },
  ),
  ...around(
    'on-finished',
    (run) => (_, res, next) => {
      onFinished(res, (error, finished) => {
        run.note(['finished', error?.message ?? null, finished.statusCode]);
        run.tell('finished');
      });
      next();
    },
    {
      client: async (client, run) => {
        await client.open().done();
        await run.hear('finished');
      },
    },
  ),
  ...around(
    'on-finished of a client that leaves',
    (run) => (_, res, next) => {
      onFinished(res, (error) => {
        run.note(['finished', error?.message ?? null]);
        run.tell('finished');
      });
      next();
    },
    {
      answers: ({ run }) => ({
        body: (async function* () {
          yield 'half';
          await run.hear('finished');
        })(),
      }),
      client: async (client, run) => {
        const opened = client.open();
        await opened.until('half');
        opened.leave();
        await run.hear('finished');
      },
      fates: ['aborted: unfinished'],
    },
  ),
  ...around(
    'fields that middleware sets',
    () => (_, res, next) => {
      res.setHeader('X-Set', 'yes');
      res.setHeader('Content-Language', 'en');
      next();
    },
    { answers: () => ({ fields: { ...html, 'X-Own': '1' }, body: page }) },
  ),
  ...around(
    'middleware that answers by itself',
    () => (_, res) => {
      res.writeHead(200, html).end('<p>from the middleware</p>');
    },
    { fates: null },
  ),
};
