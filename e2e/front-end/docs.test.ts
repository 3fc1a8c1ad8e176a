/** The commands of docs/front-end/, run as they stand there against the real servers; only the service manager is stood in for. */
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../../packages/middleware/test/support/wire.ts';
import { commandsOf, programsIn, replaced, runShell, writeProgram } from '../docs/blocks.ts';
import { freePort } from '../support/nginx.ts';
import { type Started, start, stop } from '../support/processes.ts';
import { filesOf, temporaryFolder } from '../support/tree.ts';
import { type Behind, startBehind } from './behind.ts';
import { plantTree } from './planted.ts';
import { kinds, listens, nginxFile } from './servers.ts';

/** Waits until a server that was just started listens, or says why it does not. */
async function started(command: readonly string[], env: NodeJS.ProcessEnv, port: number): Promise<Started> {
  const program = start(command[0]!, command.slice(1), { env });
  let over = false;
  program.ended.finally(() => {
    over = true;
  });
  while (!(await listens(port))) {
    if (over) throw new Error(`${command.join(' ')}: ${(await program.ended).stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return program;
}

describe.each(kinds)('docs/front-end: $name', async ({ name }) => {
  const root = await temporaryFolder();
  const cacheDir = join(root, 'site');
  const env: Record<string, string> = {};
  let behind: Behind;
  let names: Record<string, string>;
  let port: number;
  let command: readonly string[];

  beforeAll(async () => {
    await plantTree(cacheDir, {}, { '__index.html': 'front', 'blog/post': 'a post', '404.html': 'none' });
    // It answers the same to the server and to who asks it directly.
    behind = await startBehind({ cacheDir }, (_, res) => {
      res
        .writeHead(404, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' })
        .end('the application');
    });
    port = await freePort();
    const programs = await programsIn(join(root, 'programs'));
    await writeProgram(join(programs, 'systemctl'), `#!/bin/sh\necho "$*" >>${root}/systemctl.log\n`);
    Object.assign(env, { PATH: `${programs}:${process.env.PATH}`, HOME: root, XDG_DATA_HOME: root });
    names = {
      '/var/cache/site': cacheDir,
      '/etc/': `${root}/etc/`,
      'http://127.0.0.1:3000': `http://127.0.0.1:${behind.port}`,
      'http://127.0.0.1 ': `http://127.0.0.1:${port} `,
      'https://example.org': `http://127.0.0.1:${port} --host example.org`,
      '--output': `--listen 127.0.0.1:${port} --output`,
      'nginx -t': `nginx -t -c ${root}/nginx.conf -e ${root}/error.log`,
    };
    command = await machines[name]!(root, env);
  });
  afterAll(() => behind?.stop());

  test('every command of the page is here', async () => {
    const first = (await commandsOf(`front-end/${name}.md`)).map((block) =>
      block.split(' ').slice(0, 2).join(' '),
    );
    expect(first).toEqual(['pagetree config', 'pagetree check', 'pagetree config']);
  });

  test('in front of an application, and checked', async () => {
    const [configured, checked] = (await commandsOf(`front-end/${name}.md`)) as [string, string];
    const withUpstream = {
      ...names,
      '--server-name': `--upstream http://127.0.0.1:${behind.port} --server-name`,
    };
    await runShell(replaced(configured, withUpstream), root, env);
    const server = await started(command, { ...process.env, ...env }, port);
    try {
      const { headers } = await ask(port, '/blog/post', ['Host: example.org']);
      expect(headers['cache-status']).toBe(`${name}; hit`);
      await runShell(replaced(checked, names), root, env);
    } finally {
      await stop(server);
    }
    expect(await readFile(join(root, 'systemctl.log'), 'utf8')).toMatch(/^(?:reload|restart) \w+\n$/);
  });

  test('without an application', async () => {
    const [, , configured] = await commandsOf(`front-end/${name}.md`);
    await runShell(replaced(configured!, names), root, env);
    const server = await started(command, { ...process.env, ...env }, port);
    try {
      expect((await ask(port, '/blog/post?x', ['Host: example.org'])).text).toBe('a post');
      const { status, text } = await ask(port, '/none', ['Host: example.org']);
      expect([status, text]).toEqual([404, 'none']);
    } finally {
      await stop(server);
    }
  });
});

/** What Debian has ready for each server, below another root. Answers how it is started. */
const machines: Readonly<
  Record<string, (root: string, env: Record<string, string>) => Promise<readonly string[]>>
> = {
  async nginx(root) {
    const folder = join(root, 'etc/nginx');
    await mkdir(join(folder, 'conf.d'), { recursive: true });
    await writeFile(join(root, 'nginx.conf'), nginxFile(root, `${folder}/conf.d/*.conf`));
    return ['nginx', '-c', join(root, 'nginx.conf'), '-e', join(root, 'error.log')];
  },
  async apache(root, env) {
    const folder = join(root, 'etc/apache2');
    await cp('/etc/apache2', folder, { recursive: true, verbatimSymlinks: true });
    await writeFile(join(folder, 'ports.conf'), '');
    const own = {
      APACHE_RUN_DIR: root,
      APACHE_LOCK_DIR: root,
      APACHE_LOG_DIR: root,
      APACHE_PID_FILE: `${root}/pid`,
    };
    const user = { APACHE_RUN_USER: 'nobody', APACHE_RUN_GROUP: 'nogroup' };
    await writeFile(
      join(folder, 'envvars'),
      Object.entries({ ...own, ...user })
        .map(([key, value]) => `export ${key}=${value}\n`)
        .join(''),
    );
    await chmod(root, 0o755);
    Object.assign(env, own, user, { APACHE_CONFDIR: folder, APACHE_ENVVARS: join(folder, 'envvars') });
    return ['apache2', '-d', folder, '-D', 'FOREGROUND'];
  },
  async caddy(root) {
    await mkdir(join(root, 'etc/caddy'), { recursive: true });
    const main = join(root, 'Caddyfile');
    await writeFile(main, `{\n  admin off\n  auto_https off\n}\nimport ${root}/etc/caddy/Caddyfile\n`);
    return ['caddy', 'run', '--config', main, '--adapter', 'caddyfile'];
  },
};

test('docs/front-end/static-hosting.md', async () => {
  const root = await temporaryFolder();
  const env = { PATH: `${await programsIn(join(root, 'programs'))}:${process.env.PATH}` };
  const behind = await startBehind({ cacheDir: join(root, 'unused') }, (req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/html' }).end(`page ${req.url}`);
  });
  try {
    await writeFile(join(root, 'urls.txt'), '/\n/blog/\n');
    const names = { 'http://127.0.0.1:3000': `http://127.0.0.1:${behind.port}` };
    for (const block of await commandsOf('front-end/static-hosting.md'))
      await runShell(replaced(block, names), root, env);
  } finally {
    await behind.stop();
  }
  const files = await filesOf(join(root, 'site'));
  expect(files).toEqual(['_headers', '_redirects', 'blog/index.html', 'index.html']);
  expect(await readFile(join(root, 'site/blog/index.html'), 'utf8')).toBe('page /blog/');
});
