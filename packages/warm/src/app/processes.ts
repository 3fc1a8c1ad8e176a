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

/** Source: proc_pid_stat(5). The name of a program may have blanks and brackets in it. */
function fromProc(): RunningProcess[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    let stat: string;
    try {
      stat = readFileSync(`/proc/${name}/stat`, 'latin1');
    } catch {
      // It ended in this moment.
      return [];
    }
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, parent, group] = fields;
    const ended = state === 'Z' || state === 'X';
    return [{ pid: Number(name), parent: Number(parent), group: Number(group), started: fields[19]!, ended }];
  });
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
