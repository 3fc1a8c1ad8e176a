import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isHeldBy, socketsIn } from '../src/app/listeners.ts';
import { descendantsOf, runningProcesses, startOf } from '../src/app/processes.ts';

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
    expect([startOf(child.pid!), startOf(child.pid!)]).toEqual([
      expect.stringMatching(/./),
      startOf(child.pid!),
    ]);
    expect(startOf(2 ** 22 + 1)).toBeUndefined();
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

describe('who listens on a port', () => {
  it('is told by the sockets that a process holds, of either family', async () => {
    const servers = [createServer(), createServer()] as const;
    const ports: number[] = [];
    for (const [at, host] of ['127.0.0.1', '::1'].entries()) {
      await new Promise<void>((resolve) => servers[at]!.listen(0, host, resolve));
      ports.push((servers[at]!.address() as AddressInfo).port);
    }
    for (const port of ports) {
      expect(isHeldBy(new Set([process.pid, 2 ** 22 + 1]), port)).toBe(true);
      expect(isHeldBy(new Set([2 ** 22 + 1]), port)).toBe(false);
    }
    for (const server of servers) {
      server.close();
      await once(server, 'close');
    }
    for (const port of ports) expect(isHeldBy(new Set([process.pid]), port)).toBeUndefined();
  });

  it('is read from a table of sockets, where others are at the port as well', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 71 1 0 100 0 0 10 0',
      '   1: 0100007F:0BB8 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 72 1 0 20 4 30 10 -1',
      '   2: 00000000:10BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 73 1 0 100 0 0 10 0',
      '   3: 00000000:00BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 74 1 0 100 0 0 10 0',
      '',
    ].join('\n');
    expect(socketsIn(table, 3000)).toEqual(['71']);
    expect(socketsIn(table, 187)).toEqual(['74']);
    expect(socketsIn('', 3000)).toEqual([]);
  });
});
