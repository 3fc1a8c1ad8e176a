/** One server under test in a process of its own: `node server.js '{"kind": "memory", "cacheDir": ...}'`. */
import { createServer } from 'node:http';
import { kinds } from './kinds.js';

const wanted = JSON.parse(process.argv[2]);
const made = await kinds[wanted.kind](wanted);
const server = typeof made === 'function' ? createServer(made) : made;
if (!server.listening) await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
console.log(JSON.stringify({ port: server.address().port }));
const stop = () => process.exit();
process.stdin.on('end', stop).resume();
process.on('SIGTERM', stop);
