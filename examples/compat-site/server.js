import { parseArgs } from 'node:util';
import { createSite } from './site.js';

const USAGE = 'Usage: node server.js [--port 3000] [--host 127.0.0.1] [--cache-dir DIR]';

const options = readOptions();
const cache = options.cacheDir === undefined ? undefined : await openCache(options.cacheDir);
const server = createSite({ use: cache ? [cache] : [] }).listen(options.port, options.host);

server.on('listening', () => {
  const { address, family, port } = server.address();
  console.log(`compat-site listens on http://${family === 'IPv6' ? `[${address}]` : address}:${port}`);
});
server.on('error', (error) => fail(listenSentence(error)));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);

function readOptions() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        port: { type: 'string', default: '3000' },
        host: { type: 'string', default: '127.0.0.1' },
        'cache-dir': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    fail(`${error.message}\n${USAGE}`);
  }
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const { port, host, 'cache-dir': cacheDir } = values;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    fail(`--port must be a number from 0 to 65535, not '${port}'.`);
  }
  if (host === '') fail('--host must be a name or an address, not empty.');
  if (cacheDir === '') fail('--cache-dir must name a folder, not be empty.');
  return { port: Number(port), host, cacheDir };
}

async function openCache(cacheDir) {
  try {
    // Imported here, so that the site also runs where the middleware is not built.
    const { pageCache } = await import('@pagetree/middleware');
    return pageCache({ cacheDir });
  } catch (error) {
    return fail(`The page cache in ${cacheDir} can't be opened: ${error.message}`);
  }
}

function listenSentence(error) {
  const where = `${options.host}:${options.port}`;
  if (error.code === 'EADDRINUSE')
    return `${where} is in use; choose another port with --port, or 0 for any.`;
  if (error.code === 'EACCES') return `${where} may not be listened on; ports below 1024 need rights.`;
  return `The site can't listen on ${where}: ${error.message}`;
}

async function stop() {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  // A client that keeps its request open must not keep the process alive.
  setTimeout(() => server.closeAllConnections(), 2000).unref();
  await closed;
  await cache?.close();
  process.exitCode = 0;
}

function fail(sentence) {
  console.error(sentence);
  process.exit(2);
}
