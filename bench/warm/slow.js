/** A site whose every page takes some milliseconds, without work. Prints its port. */
import { createServer } from 'node:http';
import { pageOf } from './origins.js';

const wait = Number(process.argv[2]);

const server = createServer((request, response) => {
  const page = pageOf(request.url);
  setTimeout(() => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-length', Buffer.byteLength(page));
    response.end(page);
  }, wait);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.once('SIGTERM', () => process.exit());
