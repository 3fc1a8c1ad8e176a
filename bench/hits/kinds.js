/** The servers of `bench hits`: ours, the peers, and what each is compared with. Each gives a listener, or a server. */
import { lstatSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { pageCache, withPageCache } from '@pagetree/middleware';

/** The application behind the cache: nobody should get there. */
const nobody = (req, res) => {
  res.statusCode = 500;
  res.end(`${req.url} was not in the tree`);
};

const flatOf = (headers) => headers.flat();
const options = ({ cacheDir, maxMemory }) => ({ cacheDir, maxMemory, durability: 'none' });

/** Node with one constant buffer and the same headers. */
function floor({ size, headers, status = 200 }) {
  const body = Buffer.alloc(size, 'x');
  const flat = flatOf(headers);
  return (req, res) => {
    res.writeHead(status, flat);
    if (req.method === 'HEAD' || status === 304) res.end();
    else res.end(body);
  };
}

async function express(mount) {
  const { default: make } = await import('express');
  const app = make();
  mount(app, make);
  return app;
}

function setAll(set, headers) {
  for (const [name, value] of headers) set(name, value);
}

/** A subpath of the middleware; `undefined` while it is not there. */
async function adapter(name) {
  return import(`@pagetree/middleware/${name}`).catch((error) => {
    if (error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED' || error.code === 'ERR_MODULE_NOT_FOUND') {
      throw Object.assign(new Error(`the middleware has no /${name}`), { missing: true });
    }
    throw error;
  });
}

async function listening(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** The least that asks the tree at each hit: bodies in memory, a stat, and nothing that decides. No cache can be faster so. */
function least({ cacheDir, headers, targets }) {
  const pages = new Map();
  for (const target of targets) {
    const path = `${cacheDir}${target}`;
    // Strings of its own, as every page has them.
    const flat = flatOf(headers.map(([name, value]) => [name, Buffer.from(value).toString('latin1')]));
    pages.set(target, { path, flat, body: readFileSync(path), mtimeMs: lstatSync(path).mtimeMs });
  }
  return (req, res) => {
    const page = pages.get(req.url);
    if (lstatSync(page.path, { throwIfNoEntry: false })?.mtimeMs !== page.mtimeMs) return nobody(req, res);
    res.writeHead(200, page.flat);
    res.end(page.body);
  };
}

export const kinds = {
  floor,
  least,
  memory: (wanted) => withPageCache(options(wanted), nobody),
  'no memory': (wanted) => withPageCache({ ...options(wanted), maxMemory: 0 }, nobody),

  async sirv({ cacheDir }) {
    const { default: sirv } = await import('sirv');
    return sirv(cacheDir, { etag: true });
  },
  async 'sirv dev'({ cacheDir }) {
    const { default: sirv } = await import('sirv');
    return sirv(cacheDir, { dev: true, etag: true });
  },
  'express.static': ({ cacheDir }) => express((app, make) => app.use(make.static(cacheDir))),
  async '@fastify/static'({ cacheDir }) {
    const [{ default: fastify }, { default: files }] = await Promise.all([
      import('fastify'),
      import('@fastify/static'),
    ]);
    const app = fastify();
    await app.register(files, { root: cacheDir });
    await app.ready();
    return listening(app.server);
  },
  async 'hono serveStatic'({ cacheDir }) {
    const [{ Hono }, { getRequestListener }, { serveStatic }] = await Promise.all([
      import('hono'),
      import('@hono/node-server'),
      import('@hono/node-server/serve-static'),
    ]);
    const app = new Hono();
    app.use('*', serveStatic({ root: cacheDir }));
    return createServer(getRequestListener(app.fetch));
  },

  'express, a constant': ({ size, headers }) => {
    const body = Buffer.alloc(size, 'x');
    return express((app) =>
      app.get('/:section/:page', (_, res) => {
        setAll((name, value) => res.set(name, value), headers);
        res.send(body);
      }),
    );
  },
  express: (wanted) => express((app) => app.use(pageCache(options(wanted)), nobody)),

  async 'fastify, a constant'({ size, headers }) {
    const { default: fastify } = await import('fastify');
    const body = Buffer.alloc(size, 'x');
    const app = fastify();
    app.get('/:section/:page', (_, reply) => {
      setAll((name, value) => reply.header(name, value), headers);
      return reply.send(body);
    });
    await app.ready();
    return listening(app.server);
  },
  async fastify(wanted) {
    const { pageCache: plugin } = await adapter('fastify');
    const { default: fastify } = await import('fastify');
    const app = fastify();
    await app.register(plugin, options(wanted));
    app.get('/:section/:page', (_, reply) => reply.code(500).send());
    await app.ready();
    return listening(app.server);
  },

  async 'koa, a constant'({ size, headers }) {
    const { default: Koa } = await import('koa');
    const body = Buffer.alloc(size, 'x');
    const app = new Koa();
    app.use((context) => {
      setAll((name, value) => context.set(name, value), headers);
      context.body = body;
    });
    return app.callback();
  },
  async koa(wanted) {
    const { pageCache: forKoa } = await adapter('koa');
    const { default: Koa } = await import('koa');
    const app = new Koa();
    app.use(forKoa(options(wanted)));
    return app.callback();
  },

  async 'hono, a constant'({ size, headers }) {
    const [{ Hono }, { getRequestListener }] = await Promise.all([
      import('hono'),
      import('@hono/node-server'),
    ]);
    const body = Buffer.alloc(size, 'x');
    const app = new Hono();
    const fields = Object.fromEntries(headers);
    app.get('/:section/:page', (context) => context.body(body, 200, fields));
    return createServer(getRequestListener(app.fetch));
  },
  async hono(wanted) {
    const { pageCache: forHono } = await adapter('hono');
    const [{ Hono }, { getRequestListener }] = await Promise.all([
      import('hono'),
      import('@hono/node-server'),
    ]);
    const app = new Hono();
    app.use(forHono(options(wanted)));
    return createServer(getRequestListener(app.fetch));
  },
};
