/** Which processes there are, and who started whom. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** One process of this machine. */
export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** When it was started: with the number it tells a process from a later one that has the same number. */
  readonly started: string;
  /** It has ended, and its parent was not told yet. */
  readonly ended: boolean;
}

/** All processes; none where nobody can tell. */
export function runningProcesses(): RunningProcess[] {
  if (process.platform === 'linux') return fromProc();
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,state=,lstart='], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').flatMap((line) => {
    const [, pid, parent, group, state, started] =
      /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+)$/.exec(line) ?? [];
    if (state === undefined) return [];
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        started: started!,
        ended: state.startsWith('Z'),
      },
    ];
  });
}

/** When a process was started, the same at every look: clock ticks since boot, or a date. `undefined` where nobody can tell. */
export function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') return statOf(pid)?.[19];
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { encoding: 'utf8', env });
  return stdout?.trim() || undefined;
}

function fromProc(): RunningProcess[] {
  return readdirSync('/proc').flatMap((name) => {
    const fields = /^\d+$/.test(name) ? statOf(name) : undefined;
    // It ended in this moment.
    if (fields === undefined) return [];
    const [state, parent, group] = fields;
    const ended = state === 'Z' || state === 'X';
    return [{ pid: Number(name), parent: Number(parent), group: Number(group), started: fields[19]!, ended }];
  });
}

/** What the system tells of a process, from its state on. Source: proc_pid_stat(5). The name of a program may have blanks and brackets in it. */
function statOf(pid: number | string): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** What a process started, and what those started; itself not. Pure. */
export function descendantsOf(root: number, all: readonly RunningProcess[]): RunningProcess[] {
  const found = new Map<number, RunningProcess>();
  const parents = [root];
  for (const parent of parents) {
    for (const one of all) {
      if (one.parent !== parent || one.pid === root || found.has(one.pid)) continue;
      found.set(one.pid, one);
      parents.push(one.pid);
    }
  }
  return [...found.values()];
}
