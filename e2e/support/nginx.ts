/** Debian's nginx as a child, on a free port of the loopback, with a configuration of its own. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Asking, ask } from './ask.ts';
import { start, stop } from './processes.ts';

/** Whether a program is installed. Where PAGETREE_NO_SKIPS=1 says that all tests must run, it has to be. */
export function hasProgram(name: string, ...args: string[]): boolean {
  return process.env.PAGETREE_NO_SKIPS === '1' || spawnSync(name, args).error === undefined;
}

export interface FrontEnd {
  readonly origin: string;
  ask(path: string, asking?: Asking): Promise<Answer>;
  stop(): Promise<void>;
}

/** Starts nginx over a tree, with the site as its upstream. The files of `configuration` are filled in. */
export async function startNginx(options: {
  readonly configuration: URL;
  readonly root: string;
  readonly upstream: number;
  readonly temp: string;
}): Promise<FrontEnd> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const values: Record<string, string> = {
    root: options.root,
    temp: options.temp,
    port: `${port}`,
    upstream: `${options.upstream}`,
    // Started as root it would run its worker as somebody who may not read a temporary folder.
    user: process.getuid?.() === 0 ? 'user root;' : '',
  };
  await mkdir(options.temp, { recursive: true });
  const names = (await readdir(options.configuration)).filter((name) => name.endsWith('.conf'));
  for (const name of names) {
    const template = await readFile(new URL(name, options.configuration), 'utf8');
    await writeFile(
      join(options.temp, name),
      template.replaceAll(/\{\{(\w+)\}\}/g, (_, key) => values[key]!),
    );
  }
  const log = join(options.temp, 'error.log');
  const program = start('nginx', ['-c', join(options.temp, 'nginx.conf'), '-e', log]);
  let over: string | undefined;
  program.ended.then(
    ({ stderr }) => {
      over = `it ended: ${stderr}`;
    },
    (error: NodeJS.ErrnoException) => {
      over =
        error.code === 'ENOENT' ? 'it is not installed (Debian: apt-get install nginx-light)' : `${error}`;
    },
  );
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (over !== undefined || tries === 200) {
      const logged = await readFile(log, 'utf8').catch(() => '');
      throw new Error(`nginx did not start: ${over ?? 'it does not answer'} ${logged}`);
    }
    await sleep(25);
  }
  return {
    origin,
    ask: (path, asking) => ask(origin, path, asking),
    stop: () => stop(program),
  };
}

async function answers(port: number): Promise<boolean> {
  try {
    await ask(`http://127.0.0.1:${port}`, '/');
    return true;
  } catch {
    return false;
  }
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
