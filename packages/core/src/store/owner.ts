/** Who makes a fill, written so that any other process can tell whether its maker still lives. */
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { hostname } from 'node:os';

/** The maker of a fill. */
export interface Owner {
  /** A hash of the host's name: a process number means something on one host only. */
  readonly host: string;
  readonly pid: number;
  /** When the process began, in the system's own count: process numbers are used again. `0` where it can't be known. */
  readonly start: string;
  /** One cache of the process, by chance. */
  readonly instance: string;
}

/** When a process began (clock ticks since boot, proc(5) field 22), `undefined` when it is gone, `0` where the system does not tell. */
export function startOf(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    if (fs.existsSync('/proc/self/stat')) return undefined;
  }
  try {
    process.kill(pid, 0);
    return '0';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? '0' : undefined;
  }
}

/** The owner that this process is, with a new instance. */
export function thisOwner(): Owner {
  return {
    host: createHash('sha256').update(hostname()).digest('hex').slice(0, 8),
    pid: process.pid,
    start: startOf(process.pid) ?? '0',
    instance: randomBytes(4).toString('hex'),
  };
}

/** `dead` is certain; a process on another host is `unknown`. */
export function stateOf(owner: Owner, self: Owner): 'self' | 'alive' | 'dead' | 'unknown' {
  if (owner.host !== self.host) return 'unknown';
  if (owner.pid === self.pid && owner.start === self.start) return 'self';
  const start = startOf(owner.pid);
  return start === undefined || start !== owner.start ? 'dead' : 'alive';
}

/** The longest key that is written out in a name; 255 bytes hold it with its hash, owner and suffix. */
const KEY_LIMIT = 160;
const NAME_LIMIT = 212;

/**
 * The name of a fill's files, never used again: the owner, a count, and the key, so that a purge of a prefix can tell
 * which fills it does not mean. A key that is too long, or empty, is left out.
 */
export function fillName(owner: Owner, count: number, key: string): string {
  const shown = key.length <= KEY_LIMIT ? key.replaceAll('/', '%2F') : '';
  const name = `${owner.host}-${owner.pid}-${owner.start}-${owner.instance}-${count.toString(36)}@${shown}`;
  return name.length <= NAME_LIMIT ? name : name.slice(0, name.indexOf('@') + 1);
}

/** Reads a name back, with or without the hash of the key before it; `key` is `undefined` when it was left out. */
export function readFillName(name: string): { owner: Owner; key: string | undefined } | undefined {
  const match =
    /^(?:[0-9a-f]{32}\.)?([0-9a-f]{8})-(\d{1,10})-(\d{1,20})-([0-9a-f]{8})-[0-9a-z]+@(.*)\.[a-z]+$/.exec(
      name,
    );
  if (!match) return undefined;
  const [, host, pid, start, instance, shown] = match as unknown as string[];
  return {
    owner: { host: host!, pid: Number(pid), start: start!, instance: instance! },
    key: shown === '' ? undefined : shown!.replaceAll('%2F', '/'),
  };
}
