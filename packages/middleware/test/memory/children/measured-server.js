/** A site in a process of its own that tells how much memory it has, after it let go of what it does not need. */
import { createServer } from 'node:http';
import { withPageCache } from '@pagetree/middleware';

const [cacheDir, maxMemory] = process.argv.slice(2);
const cached = withPageCache({ cacheDir, maxMemory: Number(maxMemory) }, (_, res) => res.end('rendered'));
const server = createServer((req, res) => {
  if (req.url !== '/memory') return cached(req, res);
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  res.end(JSON.stringify({ heapUsed, arrayBuffers }));
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
