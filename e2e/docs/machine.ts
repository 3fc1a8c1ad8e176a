/** A machine for the tests of docs/deploy.md: a root for its files, users, and a web server. */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/nginx.ts';
import { type Started, start, stop } from '../support/processes.ts';
import { programsIn } from './blocks.ts';
import type { Machine } from './stand-ins.ts';

/** Whether a user may read a file, and write one. */
export function rights(user: number, groups: readonly number[], path: string): string {
  const who = [`--reuid=${user}`, `--regid=${groups[0]}`, `--groups=${groups.join()}`];
  const may = (test: string) => spawnSync('setpriv', [...who, 'test', test, path]).status === 0;
  return `${may('-r') ? 'r' : '-'}${may('-w') ? 'w' : '-'}`;
}

/** As Debian has it. */
export const www = 33;

/** A machine of its own: a root for files, a web server without a site, and our programs. */
export async function machineIn(root: string): Promise<{ machine: Machine; nginx: Started; path: string }> {
  const machine = {
    root,
    programs: join(root, 'programs'),
    uid: 0,
    port: await freePort(),
    webPort: await freePort(),
  };
  // Other users have to go through it.
  await chmod(root, 0o755);
  for (const folder of ['etc/nginx/conf.d', 'etc/systemd/system', 'nginx', 'npm', 'programs']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await writeFile(join(root, 'etc/passwd'), `www-data:x:${www}:${www}::/var/www:/usr/sbin/nologin\n`);
  await writeFile(join(root, 'etc/group'), `www-data:x:${www}:\n`);
  for (const file of ['shadow', 'gshadow']) await writeFile(join(root, 'etc', file), '');
  const parts = ['client_body', 'proxy', 'fastcgi', 'scgi', 'uwsgi'];
  const main = join(root, 'etc/nginx/nginx.conf');
  await writeFile(
    main,
    `user www-data; daemon off; worker_processes 1; pid ${root}/nginx.pid; error_log ${root}/nginx.log;
events { worker_connections 64; }
http {
  access_log off;
${parts.map((part) => `  ${part}_temp_path ${root}/nginx/${part};\n`).join('')}  include ${root}/etc/nginx/conf.d/*.conf;
}
`,
  );
  const nginx = start('nginx', ['-c', main, '-e', `${root}/nginx.log`]);
  while (!(await readdir(root)).includes('nginx.pid')) await sleep(20);
  const path = `${await programsIn(join(root, 'bin'))}:${process.env.PATH}`;
  return { machine, nginx, path: `${machine.programs}:${path}` };
}

/** Ends what still runs. */
export async function endOf({ root }: Machine, nginx: Started): Promise<void> {
  const pid = Number(await readFile(join(root, 'app.pid'), 'utf8').catch(() => '0'));
  try {
    if (pid > 0) process.kill(pid);
  } catch {
    // It ended before.
  }
  await stop(nginx);
}
