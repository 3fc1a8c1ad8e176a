import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { descendantsOf, runningProcesses } from '../src/app/processes.ts';

describe('the processes of the machine', () => {
  it('have this one and its children among them, however a program is called', async () => {
    const child = spawn('sh', ['-c', 'echo ready; read line'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      argv0: 'a) b (c',
    });
    await once(child.stdout, 'data');
    const all = runningProcesses();
    const found = descendantsOf(process.pid, all).find(({ pid }) => pid === child.pid);
    expect(found).toMatchObject({ parent: process.pid, started: expect.stringMatching(/./) });
    expect(all.some(({ pid }) => pid === process.pid)).toBe(true);
    child.stdin.end('\n');
    await once(child, 'close');
    expect(runningProcesses().some(({ pid }) => pid === child.pid)).toBe(false);
  });

  it('descend from one another, also when they say nonsense', () => {
    const one = (pid: number, parent: number) => ({ pid, parent, group: 1, started: '', ended: false });
    const all = [one(1, 0), one(5, 4), one(2, 1), one(4, 2), one(3, 9), one(7, 7), one(2, 5)];
    expect(descendantsOf(1, all).map(({ pid }) => pid)).toEqual([2, 4, 5]);
    expect(descendantsOf(7, all)).toEqual([]);
  });
});
