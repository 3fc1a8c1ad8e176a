import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import { holdersIn, isHeldBy, socketsIn } from '../src/app/listeners.ts';
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
  const listen = async (host: string, port = 0) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ host, port, ipv6Only: host === '::1' }, resolve));
    return { server, port: (server.address() as AddressInfo).port };
  };
  const stop = async (server: Server) => {
    server.close();
    await once(server, 'close');
  };
  const nobody = 2 ** 22 + 1;

  it('is told by the sockets that a process holds, of either family, also where it listens everywhere', async () => {
    for (const [at, host] of [
      ['127.0.0.1', '127.0.0.1'],
      ['::1', '::1'],
      ['0.0.0.0', '127.0.0.1'],
      ['::', '127.0.0.1'],
      ['::', '::1'],
      ['::ffff:127.0.0.1', '127.0.0.1'],
    ] as const) {
      const { server, port } = await listen(at);
      expect([at, isHeldBy(new Set([process.pid, nobody]), port, host)]).toEqual([at, true]);
      expect(isHeldBy(new Set([nobody]), port, host)).toBe(false);
      await stop(server);
      expect(isHeldBy(new Set([process.pid]), port, host)).toBeUndefined();
    }
  });

  it('is told where somebody else is at the same port of another address', async () => {
    const { server, port } = await listen('127.0.0.1');
    const script = `require('net').createServer().listen({ host: '::1', port: ${port} }, () => console.log('ready'));`;
    const other = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    const [own, theirs] = [new Set([process.pid]), new Set([other.pid!])];
    expect([isHeldBy(own, port, '127.0.0.1'), isHeldBy(own, port, '::1')]).toEqual([true, false]);
    expect([isHeldBy(theirs, port, '127.0.0.1'), isHeldBy(theirs, port, '::1')]).toEqual([false, true]);
    other.kill();
    await once(other, 'close');
    await stop(server);
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
    expect(socketsIn(table, '0100007F', 3000)).toEqual(['71']);
    expect(socketsIn(table, '00000000', 3000)).toEqual([]);
    expect(socketsIn(table, '00000000', 187)).toEqual(['74']);
    expect(socketsIn('', '00000000', 3000)).toEqual([]);
  });

  it('is read from what lsof says, the closest address first', () => {
    const text = 'p71\nf18\nn127.0.0.1:3000\np72\nf18\nn[::1]:3000\np73\nf4\nn*:3000\n';
    expect([holdersIn(text, '127.0.0.1'), holdersIn(text, '::1')]).toEqual([[71], [72]]);
    expect([holdersIn(text.slice(0, text.indexOf('p72')), '::1'), holdersIn('', '::1')]).toEqual([[], []]);
    expect(holdersIn('p73\nf4\nn*:3000\nf5\nn*:3000\n', '127.0.0.1')).toEqual([73, 73]);
  });
});
