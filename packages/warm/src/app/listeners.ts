/** Who listens on a port of this machine. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Whether all that listens on a port belongs to some of these processes; `undefined` where nobody can tell. */
export function isHeldBy(pids: ReadonlySet<number>, port: number): boolean | undefined {
  return process.platform === 'linux' ? byProc(pids, port) : byLsof(pids, port);
}

function byProc(pids: ReadonlySet<number>, port: number): boolean | undefined {
  const wanted = new Set(['tcp', 'tcp6'].flatMap((table) => socketsIn(readTable(table), port)));
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

/** The sockets that listen on a port, by number. Source: proc_pid_net(5), /proc/net/tcp. Pure. */
export function socketsIn(table: string, port: number): string[] {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === '0A' && local!.endsWith(end) ? [inode!] : [];
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

function byLsof(pids: ReadonlySet<number>, port: number): boolean | undefined {
  const { stdout } = spawnSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { encoding: 'utf8' });
  const found = (stdout ?? '').split('\n').filter((line) => line !== '');
  return found.length === 0 ? undefined : found.every((pid) => pids.has(Number(pid)));
}
