/** Who listens on a port of this machine. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { endianness } from 'node:os';

/** An address of this machine that something answers on. */
export type Loopback = '127.0.0.1' | '::1';

/**
 * Whether all that answers on a port of an address belongs to some of these processes; `undefined` where nobody can tell. Somebody
 * else may listen on the same port of another address.
 */
export function isHeldBy(pids: ReadonlySet<number>, port: number, host: Loopback): boolean | undefined {
  return process.platform === 'linux' ? byProc(pids, port, host) : byLsof(pids, port, host);
}

/**
 * As the kernel writes an address: words of four bytes, each a number in its own byte order. Those for which a connection is looked
 * for, the closest first: the address itself, and all of them.
 */
const asInProc: Readonly<Record<Loopback, readonly string[]>> = {
  '127.0.0.1': [[0x7f000001], [0, 0, 0xffff, 0x7f000001], [0], [0, 0, 0, 0]].map(words),
  '::1': [
    [0, 0, 0, 1],
    [0, 0, 0, 0],
  ].map(words),
};

function words(numbers: readonly number[]): string {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [at, number] of numbers.entries()) bytes.writeUInt32BE(number, at * 4);
  return (endianness() === 'LE' ? bytes.swap32() : bytes).toString('hex').toUpperCase();
}

function byProc(pids: ReadonlySet<number>, port: number, host: Loopback): boolean | undefined {
  const table = ['tcp', 'tcp6'].map(readTable).join('\n');
  const found = asInProc[host].map((address) => socketsIn(table, address, port));
  const wanted = new Set(found.find((sockets) => sockets.length > 0));
  // Whoever answers there does so from another network namespace.
  if (wanted.size === 0) return undefined;
  let isWhole = true;
  for (const pid of pids) {
    try {
      for (const socket of socketsOf(pid)) wanted.delete(socket);
    } catch (error) {
      // A process that has ended holds nothing; one of another user may.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') isWhole = false;
    }
  }
  if (wanted.size === 0) return true;
  return isWhole ? false : undefined;
}

function readTable(name: string): string {
  try {
    return readFileSync(`/proc/net/${name}`, 'latin1');
  } catch {
    // There is no IPv6.
    return '';
  }
}

/** The sockets that listen on a port of an address, by number. Source: proc_pid_net(5), /proc/net/tcp. Pure. */
export function socketsIn(table: string, address: string, port: number): string[] {
  const wanted = `${address}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === '0A' && local === wanted ? [inode!] : [];
  });
}

function* socketsOf(pid: number): Generator<string> {
  const folder = `/proc/${pid}/fd`;
  for (const name of readdirSync(folder)) {
    let target: string;
    try {
      target = readlinkSync(`${folder}/${name}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      continue;
    }
    const socket = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (socket !== undefined) yield socket;
  }
}

function byLsof(pids: ReadonlySet<number>, port: number, host: Loopback): boolean | undefined {
  const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpn'];
  const { stdout } = spawnSync('lsof', args, { encoding: 'utf8' });
  const found = holdersIn(stdout ?? '', host);
  return found.length === 0 ? undefined : found.every((pid) => pids.has(pid));
}

/** The processes that answer on an address, from what lsof says of a port. Source: lsof(8), output for other programs. Pure. */
export function holdersIn(text: string, host: Loopback): number[] {
  let pid = 0;
  const found = text.split('\n').flatMap((line) => {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    return line.startsWith('n') ? [{ pid, address: line.slice(1, line.lastIndexOf(':')) }] : [];
  });
  const own = found.filter(({ address }) => address === (host === '::1' ? '[::1]' : host));
  return (own.length > 0 ? own : found.filter(({ address }) => address === '*')).map((one) => one.pid);
}
