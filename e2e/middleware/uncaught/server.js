// A server whose application fails in the way the argument says. It prints its port.
import { createServer } from 'node:http';
import { pageCache } from '@pagetree/middleware';

const [cacheDir, failure, survive] = process.argv.slice(2);

const failures = {
  throws() {
    throw new Error('the application threw');
  },
  async rejects() {
    throw new Error('the application rejected');
  },
  'throws after the first byte'(res) {
    res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
    res.write('half');
    throw new Error('the application threw late');
  },
};

const application = (req, res) => (req.url === '/fine' ? res.end('fine') : failures[failure](res));
const pages = cacheDir === 'off' ? undefined : pageCache({ cacheDir });
const server = createServer(pages ? (req, res) => pages(req, res, () => application(req, res)) : application);

if (survive) {
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (error) => console.log(`${event}: ${error.message}`));
  }
}
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
