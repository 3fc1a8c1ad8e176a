/**
 * docs/deploy.md: users and rights are the real ones of this system, units are read by systemd, the commands of units and images
 * are run as their users. Only systemd itself and Docker are stood in for.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chown, lchown, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../support/ask.ts';
import { hasProgram } from '../support/nginx.ts';
import { binOf, type Started } from '../support/processes.ts';
import { temporaryFolder } from '../support/tree.ts';
import { blocksOf, commandsOf, fileOf, replaced, runShell } from './blocks.ts';
import { endOf, machineIn, rights, www } from './machine.ts';
import { writeSite } from './site.ts';
import { type Machine, writeDocker, writeSystemctl } from './stand-ins.ts';
import { parseYaml } from './yaml.ts';

const page = 'deploy.md';
const isRoot = process.getuid?.() === 0;
const ready = isRoot && hasProgram('nginx', '-v') && hasProgram('systemd-analyze', '--version');

describe.runIf(ready)('docs/deploy.md, systemd', async () => {
  const root = await temporaryFolder();
  let machine: Machine;
  let nginx: Started;
  let path: string;
  let names: Record<string, string>;
  let commands: readonly string[];

  const run = (at: number) => runShell(replaced(commands[at]!, names), root, { PATH: path });

  beforeAll(async () => {
    ({ machine, nginx, path } = await machineIn(root));
    commands = await commandsOf(page);
    const { port, webPort } = machine;
    names = {
      useradd: `useradd --prefix ${root}`,
      usermod: `usermod --prefix ${root}`,
      '/var/cache/site': `${root}/var/cache/site`,
      '/srv/site': `${root}/srv/site`,
      '/etc/nginx/conf.d': `${root}/etc/nginx/conf.d`,
      '/usr/bin/node': process.execPath,
      'http://127.0.0.1:3000': `http://127.0.0.1:${port}`,
      'http://127.0.0.1 ': `http://127.0.0.1:${webPort} `,
      '--output': `--listen 127.0.0.1:${webPort} --output`,
      'nginx -t': `nginx -t -c ${root}/etc/nginx/nginx.conf`,
    };
    await mkdir(join(root, 'var/cache'), { recursive: true });
    await writeSite(join(root, 'srv/site'));
    await mkdir(join(root, 'srv/site/node_modules/.bin'), { recursive: true });
    await symlink(binOf('cache-warm'), join(root, 'srv/site/node_modules/.bin/cache-warm'));
  });
  afterAll(() => endOf(machine, nginx));

  test('every command of the page is here', () => {
    expect(commands.map((block) => block.split(' ', 1)[0])).toEqual([
      ...['useradd', 'usermod', 'systemctl', 'pagetree', 'runuser', 'systemctl'],
      ...['docker', 'docker'],
    ]);
  });

  test('the user is made, and owns the folder', async () => {
    const [user, folder] = commands[0]!.trim().split('\n');
    await runShell(replaced(user!, names), root, { PATH: path });
    const entry = (await readFile(join(root, 'etc/passwd'), 'utf8')).trim().split('\n').at(-1)!.split(':');
    expect(entry).toMatchObject({ 0: 'site', 6: '/usr/sbin/nologin' });
    const uid = Number(entry[2]);
    machine = { ...machine, uid };
    names = {
      ...names,
      '-o site': `-o ${uid}`,
      '-g site': `-g ${uid}`,
      'runuser -u site --': `setpriv --reuid=${uid} --regid=${uid} --clear-groups`,
      'User=site': 'User=root',
    };
    await runShell(replaced(folder!, names), root, { PATH: path });
    expect(await stat(join(root, 'var/cache/site'))).toMatchObject({ uid, gid: uid, mode: 0o40755 });
    await writeSystemctl(machine);
  });

  test('systemd finds nothing wrong in the units', async () => {
    const units = join(root, 'etc/systemd/system');
    const written: string[] = [];
    for (const { file, content } of await blocksOf(page)) {
      if (file === undefined || !/\.(?:service|timer)$/.test(file)) continue;
      await writeFile(join(units, file), replaced(content, names));
      written.push(join(units, file));
    }
    expect(written).toHaveLength(3);
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...written], {
      encoding: 'utf8',
      env: { ...process.env, SYSTEMD_UNIT_PATH: `${units}:` },
    });
    expect([status, stdout, stderr]).toEqual([0, '', '']);
    execFileSync('systemd-analyze', ['calendar', '*-*-* 03:00']);
  });

  test('the site runs as its user, nginx in front of its tree, and both say the same', async () => {
    await run(2);
    expect(await readdir(join(root, 'etc/systemd/system/multi-user.target.wants'))).toEqual(['site.service']);
    expect(await readdir(join(root, 'etc/systemd/system/timers.target.wants'))).toEqual(['site-warm.timer']);
    await runShell('systemctl start site-warm.service', root, { PATH: path });
    await run(3);
    expect(await run(4)).toContain('5 stored pages: the same as the middleware.');
    const { uid, webPort } = machine;
    const answer = await ask(`http://127.0.0.1:${webPort}`, '/blog');
    expect(answer).toMatchObject({ status: 200, cacheStatus: 'nginx; hit' });
    const tree = join(root, 'var/cache/site/tree');
    const token = join(tree, '.pagetree/token');
    for (const file of ['blog/__page.html', 'about.gz', 'blog']) {
      expect(rights(uid, [uid], join(tree, file)), file).toBe('rw');
      expect(rights(www, [www], join(tree, file)), file).toBe('r-');
    }
    expect(rights(uid, [uid], token)).toBe('rw');
    expect(rights(www, [www], token)).toBe('--');
  });

  test('no page of the old release is there after the new one began', async () => {
    await writeSite(join(root, 'srv/site'), 2);
    expect((await ask(`http://127.0.0.1:${machine.webPort}`, '/blog')).body.toString()).toContain(
      'release 1',
    );
    await run(5);
    expect((await ask(`http://127.0.0.1:${machine.webPort}`, '/blog')).body.toString()).toContain(
      'release 2',
    );
  });

  test('with a private folder the web server reads, and others do not', async () => {
    names = { ...names, '/var/cache/site': `${root}/var/private` };
    await run(1);
    await writeFile(join(root, 'private.json'), replaced(await fileOf(page, 'private.json'), names));
    const { uid } = machine;
    const groups = await readFile(join(root, 'etc/group'), 'utf8');
    const gid = Number(/^site:x:(\d+):www-data$/m.exec(groups)![1]);
    // The site that runs says of its hits what browsers shall do: another tree is made from one without a cache.
    const warm = `cache-warm --robots --config ${root}/private.json --exec "${process.execPath} server.js"`;
    const as = `setpriv --reuid=${uid} --regid=${uid} --clear-groups`;
    await runShell(`cd ${root}/srv/site; ${as} ${warm}`, root, { PATH: path });
    for (const file of ['blog/__page.html', '__index.html', 'about.br', 'blog/first']) {
      const page = join(root, 'var/private/tree', file);
      expect(rights(uid, [uid], page), file).toBe('rw');
      expect(rights(www, [www, gid], page), file).toBe('r-');
      expect(rights(www, [www], page), file).toBe('--');
      expect(rights(65534, [65534], page), file).toBe('--');
    }
  });
});

describe.runIf(ready)('docs/deploy.md, Docker', async () => {
  const root = await temporaryFolder();
  let machine: Machine;
  let nginx: Started;
  let path: string;
  let dockerfile: readonly (readonly [name: string, text: string])[];

  const lines = (name: string) => dockerfile.flatMap(([one, text]) => (one === name ? [text] : []));

  beforeAll(async () => {
    ({ machine, nginx, path } = await machineIn(root));
    machine = { ...machine, uid: 1000 };
    await chown(join(root, 'npm'), 1000, 1000);
    await writeSite(join(root, 'app'));
    const bin = join(root, 'app/node_modules/.bin');
    await mkdir(bin, { recursive: true });
    for (const name of ['cache-warm', 'cache-purge', 'pagetree'] as const) {
      await symlink(binOf(name), join(bin, name));
      await lchown(join(bin, name), 1000, 1000);
    }
    dockerfile = (await fileOf(page, 'Dockerfile'))
      .trim()
      .split('\n')
      .map((line) => [line.split(' ', 1)[0]!, line.slice(line.indexOf(' ') + 1)] as const);
  });
  afterAll(() => endOf(machine, nginx));

  test('the image makes the folder for its user, before it becomes that user', async () => {
    expect(lines('RUN')).toEqual(['npm ci --omit=dev', expect.stringMatching(/^install -d -o node /)]);
    const order = dockerfile.map(([name]) => name);
    expect(order.indexOf('USER')).toBeGreaterThan(order.lastIndexOf('RUN'));
    const made = lines('RUN')[1]!.replaceAll('node', '1000').replace('/cache', `${root}/cache`);
    await runShell(made, root, {});
    expect(await stat(join(root, 'cache'))).toMatchObject({ uid: 1000, gid: 1000, mode: 0o40755 });
    expect(lines('VOLUME')).toEqual(['/cache']);
  });

  test('the web server has the same folder, for reading', async () => {
    const { services, volumes } = parseYaml(await fileOf(page, 'compose.yaml')) as {
      services: { app: { volumes: string[] }; web: { volumes: string[] } };
      volumes: object;
    };
    expect(services.app.volumes).toEqual(['pages:/cache']);
    expect(services.web.volumes[0]).toBe('pages:/cache:ro');
    expect(Object.keys(volumes)).toEqual(['pages']);
  });

  test('the commands do what the page says', async () => {
    const environment = replaced(lines('ENV')[0]!, { '/cache': `${root}/cache` }).replace(/PORT=\d+ /, '');
    const command = (JSON.parse(lines('CMD')[0]!) as string[]).join(' ').replace('node', process.execPath);
    await writeDocker(machine, environment, command);
    const { port, webPort } = machine;
    const names = {
      '--upstream http://app:3000': `--upstream http://127.0.0.1:${port} --listen 127.0.0.1:${webPort}`,
      'http://127.0.0.1:3000': `http://127.0.0.1:${port}`,
      'http://web': `http://127.0.0.1:${webPort}`,
    };
    const [up, ...others] = (await commandsOf(page)).filter((block) => block.startsWith('docker'));
    await runShell(replaced(up!, names), root, { PATH: path });
    expect(others).toHaveLength(1);
    const said = await runShell(replaced(others[0]!, names), root, { PATH: path });
    // The front page is stored already: whoever waits for the site asks for it.
    expect(said).toMatch(/stored +4 [\s\S]*present +1 /);
    expect(said).toMatch(/: the same as the middleware\.\n/);
    expect(await ask(`http://127.0.0.1:${webPort}`, '/blog/')).toMatchObject({ cacheStatus: 'nginx; hit' });
  });
});
