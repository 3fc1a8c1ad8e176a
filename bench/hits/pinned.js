/** Server and load, each on a processor of its own where the system can do that. */
import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Whether processes can be held to one processor here. */
export const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-V']).error === undefined;

const pin = (core) => (canPin ? ['taskset', '-c', String(core)] : []);

/** Runs a program held to a processor. */
export function spawnOn(core, command, args, options) {
  const [first, ...rest] = [...pin(core), command, ...args];
  return spawn(first, rest, options);
}

/** The processor time of a process and all its threads so far, in microseconds. Linux only. */
export function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  // Ticks of a hundredth of a second.
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Starts `server.js` of a bench in a process on the first processor; it prints its port. */
export async function startServer(url, wanted, flags = []) {
  const child = spawnOn(0, process.execPath, [...flags, fileURLToPath(url), JSON.stringify(wanted)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await Promise.race([
    once(child.stdout.setEncoding('utf8'), 'data'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the server for ${wanted.kind} ended with ${code}`);
    }),
  ]);
  return { ...JSON.parse(line), pids: [child.pid], stop: () => stop(child) };
}

/** Ends a child that stops when its standard input ends, or when it is asked to. */
export async function stop(child) {
  const gone = once(child, 'exit');
  child.stdin?.end();
  child.kill();
  await gone;
}

/**
 * Asks a server for a while, from the second processor. Beside what the client saw, it tells the processor time that the
 * server took for each answer.
 */
export async function load(server, wanted) {
  const child = fork(
    new URL('load.js', import.meta.url),
    [JSON.stringify({ port: server.port, ...wanted })],
    {
      ...(canPin && { execPath: 'taskset', execArgv: ['-c', '1', process.execPath] }),
    },
  );
  const cpu = () => server.pids.reduce((sum, pid) => sum + cpuOf(pid), 0);
  let before = cpu();
  let after;
  let found;
  child.on('message', (message) => {
    if (message === 'began') before = cpu();
    else if (message === 'ended') after = cpu();
    else found = message;
  });
  await once(child, 'exit');
  if (found === undefined) throw new Error('the client ended without a result');
  if (found.failed > 0) throw new Error(`${found.failed} connections failed`);
  return { ...found, cpuMicroseconds: ((after ?? cpu()) - before) / Math.max(1, found.requests) };
}
