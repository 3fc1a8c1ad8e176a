/** Express 5: everything it offers to answer with, mounts, routers, errors, and other middleware. */
import { mkdir, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { describe, expect, it } from 'vitest';
import type { PageCacheMiddleware } from '../src/index.ts';
import { compareBuilt, STORED } from './support/parity.ts';
import { type Build, folder, site } from './support/site.ts';
import { request } from './support/wire.ts';

/** An application with the cache in front, and routes. */
function app(routes: (app: Express) => void): Build {
  return (pages: PageCacheMiddleware | undefined): RequestListener => {
    const made = express();
    made.set('env', 'test');
    if (pages) made.use(pages);
    routes(made);
    return made;
  };
}

const GET = request('/page', ['Connection: close']);
const refused = (reason: string) => `pagetree; fwd=uri-miss; detail=${reason}`;

describe('Express answers as without the cache', () => {
  const routes: Record<
    string,
    [route: (req: Request, res: Response, next: NextFunction) => unknown, status?: string]
  > = {
    'res.send of a string': [(_, res) => res.send('<h1>Hello</h1>')],
    'res.send of a buffer with a type': [(_, res) => res.type('html').send(Buffer.from('<h1>Hello</h1>'))],
    'res.json where a page belongs': [(_, res) => res.json({ a: 1 })],
    'res.redirect': [(_, res) => res.redirect('/other'), refused('status')],
    'res.status and send': [(_, res) => res.status(410).send('gone'), refused('status')],
    'res.sendStatus': [(_, res) => res.sendStatus(204), refused('status')],
    'res.cookie': [(_, res) => res.cookie('a', 'b').send('page'), refused('set-cookie')],
    'res.vary': [(_, res) => res.vary('Accept-Language').send('page'), refused('vary')],
    'res.set with no-store': [
      (_, res) => res.set('Cache-Control', 'no-store').send('page'),
      refused('cache-control'),
    ],
    'res.write and res.end': [
      (_, res) => {
        res.type('html').write('a');
        res.end('b');
      },
    ],
    'res.format': [
      (_, res) => res.format({ html: () => res.send('<p>'), json: () => res.json({}) }),
      refused('vary'),
    ],
    'a route that throws': [
      () => {
        throw new Error('broken');
      },
      refused('status'),
    ],
    'a route that rejects': [async () => Promise.reject(new Error('broken')), refused('status')],
    'next(error)': [(_, __, next) => next(new Error('broken')), refused('status')],
    'no route': [(_, __, next) => next(), refused('status')],
  };
  for (const [name, [route, status]] of Object.entries(routes)) {
    it(name, async () => {
      const { site } = await compareBuilt(
        app((made) => {
          made.get('/page', route);
          // Silent, and with a body that says nothing of where files are.
          made.use((error: Error, _: Request, res: Response, next: NextFunction) =>
            res.headersSent ? next(error) : res.status(500).send(error.message),
          );
        }),
        { send: GET, status: status ?? STORED },
      );
      expect((await site.outcome('/page')).type).toBe(status === undefined ? 'stored' : 'refused');
    });
  }

  it('an error after the first byte destroys the connection, and nothing is stored', async () => {
    const { site, raw } = await compareBuilt(
      app((made) => {
        made.get('/page', (_, res, next) => {
          res.type('html').write('half');
          setImmediate(() => next(new Error('broken')));
        });
      }),
      { send: GET },
    );
    expect(raw.endsWith('0\r\n\r\n')).toBe(false);
    expect(await site.outcome('/page')).toMatchObject({ type: 'aborted', reason: 'unfinished' });
  });

  it('a conditional request: Express answers 304, and stores nothing', async () => {
    const { site, raw } = await compareBuilt(
      app((made) => made.get('/page', (_, res) => void res.set('ETag', '"a"').send('page'))),
      { send: request('/page', ['If-None-Match: "a"', 'Connection: close']), status: refused('status') },
    );
    expect(raw).toContain('304 Not Modified');
    await site.outcome('/page');
    expect(await site.files()).toEqual([]);
  });

  it('res.sendFile and express.static', async () => {
    const root = await folder();
    await mkdir(join(root, 'static'));
    await writeFile(join(root, 'page.html'), '<p>file</p>'.repeat(20_000));
    await writeFile(join(root, 'static', 'a.css'), 'a{}');
    const build = app((made) => {
      made.get('/page', (_, res) => void res.sendFile('page.html', { root }));
      made.use(express.static(join(root, 'static')));
    });
    const { site } = await compareBuilt(build, { send: GET });
    await site.outcome('/page');
    expect((await site.ask('/page')).text).toBe('<p>file</p>'.repeat(20_000));
    const css = await compareBuilt(build, { send: request('/a.css', ['Connection: close']) });
    expect(await css.site.outcome('/a.css')).toMatchObject({ type: 'stored' });
  });

  it('HEAD and OPTIONS', async () => {
    const build = app((made) => made.get('/page', (_, res) => void res.send('page')));
    await compareBuilt(build, {
      send: request('/page', ['Connection: close'], 'HEAD'),
      status: refused('method'),
    });
    await compareBuilt(build, {
      send: request('/page', ['Connection: close'], 'OPTIONS'),
      status: 'pagetree; fwd=method',
    });
  });

  it('res.render', async () => {
    const views = await folder();
    await writeFile(join(views, 'page.txt'), 'Hello, NAME');
    const { site } = await compareBuilt(
      app((made) => {
        made.engine('txt', (path, options, done) =>
          done(null, `${path.length > 0} ${(options as { name: string }).name}`),
        );
        made.set('views', views);
        made.get('/page', (_, res) => res.render('page.txt', { name: 'you' }));
      }),
      { send: GET },
    );
    await site.outcome('/page');
    expect((await site.read('page')).toString()).toBe('true you');
  });
});

describe('mounts', () => {
  it('the key is what the client asked for, wherever the cache is mounted', async () => {
    const made = await site((pages) => {
      const outer = express();
      const inner = express();
      inner.use(pages!);
      inner.get('/page', (req, res) => void res.send(`inner ${req.originalUrl}`));
      const router = express.Router();
      router.use(pages!);
      router.get('/page', (req, res) => void res.send(`router ${req.originalUrl}`));
      outer.use('/sub', inner);
      outer.use('/router', router);
      outer.get('/page', pages!, (_, res) => void res.send('route'));
      return outer;
    });
    const pages = { '/sub/page': 'inner /sub/page', '/router/page': 'router /router/page', '/page': 'route' };
    for (const [path, text] of Object.entries(pages)) {
      expect((await made.fill(path)).text).toBe(text);
      expect(await made.ask(path)).toMatchObject({ text, headers: { 'cache-status': 'pagetree; hit' } });
    }
    expect(await made.files()).toEqual(['page', 'router/page', 'sub/page']);
  });

  it('twice on the way of one request counts once', async () => {
    const made = await site((pages) => {
      const outer = express();
      outer.use(pages!);
      outer.use('/sub', pages!);
      outer.get('/sub/page', (_, res) => void res.send('page'));
      return outer;
    });
    expect((await made.fill('/sub/page')).headers['cache-status']).toBe(STORED);
    expect((await made.ask('/sub/page')).headers['cache-status']).toBe('pagetree; hit');
  });

  it('what stands above is there on a hit, and is added to, not lost', async () => {
    const made = await site((pages) => {
      const outer = express();
      outer.use((_, res, next) => {
        res.set({
          Vary: 'Origin',
          'X-Above': 'yes',
          'Cache-Status': 'above; fwd=miss',
          'X-Frame-Options': 'DENY',
        });
        next();
      });
      outer.use(pages!);
      outer.get('/page', (_, res) => {
        res.removeHeader('Vary');
        res.set('X-Frame-Options', 'SAMEORIGIN').send('page');
      });
      return outer;
    });
    await made.fill('/page');
    expect((await made.ask('/page')).headers).toMatchObject({
      vary: 'Origin, Accept-Encoding',
      'x-above': 'yes',
      'x-frame-options': 'SAMEORIGIN',
      'x-powered-by': 'Express',
      'cache-status': 'above; fwd=miss, pagetree; hit',
    });
  });

  it('a session above that sets its cookie at the last moment: the page is not stored', async () => {
    const made = await site((pages) => {
      const outer = express();
      outer.use((_, res, next) => {
        const { writeHead } = res;
        res.writeHead = function late(this: Response, ...args: unknown[]) {
          this.setHeader('Set-Cookie', 'session=1');
          return writeHead.apply(this, args as never);
        } as never;
        next();
      });
      outer.use(pages!);
      outer.get('/page', (_, res) => void res.send('personal'));
      return outer;
    });
    const answer = await made.ask('/page');
    expect(answer.headers['set-cookie']).toBe('session=1');
    expect(await made.outcome('/page')).toMatchObject({ type: 'refused', reason: 'set-cookie' });
    expect(await made.files()).toEqual([]);
  });
});
