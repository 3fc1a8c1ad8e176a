/** A site in a process of its own whose application can keep the event loop busy: `/spin/<milliseconds>`. */
import { createServer } from 'node:http';
import { withPageCache } from '@pagetree/middleware';

const cached = withPageCache({ cacheDir: process.argv[2], excludePaths: ['/spin'] }, (req, res) => {
  const [, spin, milliseconds] = req.url.split('/');
  res.writeHead(200, { 'Content-Type': 'text/html', 'Cache-Control': 'no-store' });
  if (spin === 'spin') {
    // The client hears of it before the loop stands still.
    res.write('spinning ');
    const until = performance.now() + Number(milliseconds);
    while (performance.now() < until);
  }
  res.end(`rendered ${req.url}`);
});
const server = createServer(cached);
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
