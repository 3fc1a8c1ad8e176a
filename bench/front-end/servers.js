/** nginx, Apache and Caddy on a tree, as one process each: with nothing but the folder, or with what `pagetree config` prints. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawnOn, stop } from '../hits/pinned.js';

const pagetree = fileURLToPath(new URL('../../packages/warm/bin/pagetree.js', import.meta.url));
const isRoot = process.getuid?.() === 0;

/** What is around a site in each server, the same with both configurations, and how it is started. */
const kinds = {
  nginx: {
    program: 'nginx',
    debian: 'nginx-light',
    version: ['-v'],
    /** A folder of files, with variants that lie beside them. */
    plain: ({ port, cacheDir }) => `server {
  listen 127.0.0.1:${port};
  root ${cacheDir};
  default_type text/html;
  charset utf-8;
  gzip_static on;
}
`,
    /** The same, and what no link and no cut file asks of a server: without it, not with our rules, it would be faster. */
    least: (plain) => plain.replace('gzip_static', 'disable_symlinks on from=$document_root;\n  gzip_static'),
    main: ({ folder, site }) => `daemon off;
master_process off;
${isRoot ? 'user root;' : ''}
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((part) => `  ${part}_temp_path ${folder}/${part};\n`).join('')}  include ${site};
}
`,
    command: (main, folder) => ['nginx', '-c', main, '-e', join(folder, 'error.log')],
  },
  apache: {
    program: 'apache2',
    debian: 'apache2',
    version: ['-v'],
    plain: ({ port, cacheDir }) => `# a2enmod headers
Listen 127.0.0.1:${port}
<VirtualHost *:*>
  DocumentRoot ${cacheDir}
  <Directory ${cacheDir}>
    Require all granted
    Options FollowSymLinks
    AllowOverride None
    ForceType "text/html; charset=utf-8"
  </Directory>
</VirtualHost>
`,
    least: (plain) =>
      plain.replace('DocumentRoot', 'EnableMMAP Off\n  DocumentRoot').replace('FollowSymLinks', 'None'),
    main: ({ folder, site, modules }) => `ServerRoot ${folder}
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
ErrorLog ${folder}/error.log
ServerName bench.test
${isRoot ? 'User nobody\nGroup nogroup\n' : ''}${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`).join('')}
TypesConfig /etc/mime.types
MaxKeepAliveRequests 0
ThreadsPerChild 64
MaxRequestWorkers 64
Include ${site}
`,
    // One process, so that its processor time is all of it.
    command: (main) => ['apache2', '-X', '-f', main],
  },
  caddy: {
    program: 'caddy',
    debian: 'caddy',
    version: ['version'],
    plain: ({ port, cacheDir }) => `{
  admin off
}
:${port} {
  bind 127.0.0.1
  root * ${cacheDir}
  header Content-Type "text/html; charset=utf-8"
  file_server {
    precompressed gzip
  }
}
`,
    main: undefined,
    command: (main) => ['caddy', 'run', '--config', main, '--adapter', 'caddyfile'],
  },
};

export const serverNames = Object.keys(kinds);

/** How a server is configured: nothing but a root, that and no links, or the rules. */
export const waysOf = (name) => ['plain', ...(kinds[name].least ? ['least'] : []), 'rules'];

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** The version of a server; `undefined` when it is not installed. */
export function versionOf(name) {
  const { program, version } = kinds[name];
  const { error, stdout, stderr } = spawnSync(program, version, { encoding: 'utf8' });
  return error === undefined ? `${stdout}${stderr}`.split('\n', 1)[0].trim() : undefined;
}

/** Which Debian package has a server. */
export const debianOf = (name) => kinds[name].debian;

function generated(name, { port, cacheDir }) {
  // Nobody listens at the upstream: a page that is not answered from the tree is an error, and the bench ends with it.
  const args = ['--cache-dir', cacheDir, '--listen', `127.0.0.1:${port}`, '--upstream', 'http://127.0.0.1:9'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [pagetree, 'config', name, ...args], {
    encoding: 'utf8',
  });
  if (status !== 0 || stdout === '')
    throw new Error(`pagetree config ${name} ended with ${status}: ${stderr}`);
  return stdout;
}

/** The configuration of a site, in one of `waysOf`. */
function siteOf(name, how, where) {
  if (how === 'rules') return generated(name, where);
  const { plain, least } = kinds[name];
  return how === 'least' ? least(plain(where)) : plain(where);
}

/** Starts a server held to the first processor. */
export async function startFrontEnd(name, how, folder, cacheDir) {
  await mkdir(folder, { recursive: true });
  const { main, command } = kinds[name];
  const port = await freePort();
  const site = join(folder, 'site.conf');
  const text = siteOf(name, how, { port, cacheDir });
  await writeFile(site, text);
  const asked = /a2enmod (.*)/.exec(text)?.[1]?.split(' ') ?? [];
  const modules = [...new Set(['mpm_event', 'authz_core', 'mime', ...asked])];
  const file = main === undefined ? site : join(folder, 'main.conf');
  if (main !== undefined) await writeFile(file, main({ folder, site, modules }));
  const [program, ...args] = command(file, folder);
  const env = {
    ...process.env,
    HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
    GOMAXPROCS: '1',
  };
  const child = spawnOn(0, program, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (more) => {
    said = (said + more).slice(-2000);
  });
  for (let tries = 0; ; tries += 1) {
    if (child.exitCode !== null || tries === 500) {
      if (child.exitCode === null) await stop(child);
      const log = await readFile(join(folder, 'error.log'), 'utf8').catch(() => '');
      throw new Error(`${name} did not start: ${said}${log}`);
    }
    const answered = await fetch(`http://127.0.0.1:${port}/none`).then(
      () => true,
      () => false,
    );
    if (answered) return { port, pids: [child.pid], stop: () => stop(child) };
    await sleep(20);
  }
}
