/** The real servers of Debian as children, each with the configuration that `pagetree config` prints for a tree. */
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/nginx.ts';
import { binOf, runNode, type Started, start, stop } from '../support/processes.ts';

/** What a test says of a server. */
export interface Kind {
  readonly name: 'nginx' | 'apache' | 'caddy';
  /** Targets that it leaves to the middleware, beyond those that all leave. */
  readonly leaves?: RegExp;
  /** Puts the generated file where the server reads it, and answers how it is checked and started. */
  readonly setUp: (generated: string, folder: string) => Promise<Commands>;
}

interface Commands {
  readonly check: readonly string[];
  readonly run: readonly string[];
  /** Where it writes what is wrong. */
  readonly log: string;
}

/** Started as root it would run its worker as somebody who may not read a temporary folder. */
const isRoot = process.getuid?.() === 0;

/** The file around a generated one, as Debian has it: everything of nginx in one folder. */
export function nginxFile(folder: string, generated: string): string {
  const parts = ['client_body', 'proxy', 'fastcgi', 'scgi', 'uwsgi'];
  return `${isRoot ? 'user root;' : ''}
worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log notice;
events { worker_connections 256; }
http {
  access_log off;
${parts.map((part) => `  ${part}_temp_path ${folder}/${part};\n`).join('')}  include ${generated};
}
`;
}

const nginx: Kind = {
  name: 'nginx',
  async setUp(generated, folder) {
    const main = join(folder, 'nginx.conf');
    const log = join(folder, 'error.log');
    await writeFile(main, nginxFile(folder, generated));
    return { check: ['nginx', '-t', '-c', main, '-e', log], run: ['nginx', '-c', main, '-e', log], log };
  },
};

const apache: Kind = {
  name: 'apache',
  async setUp(generated, folder) {
    const main = join(folder, 'apache2.conf');
    const log = join(folder, 'error.log');
    // The modules that the first lines of the file ask for, those that Debian always has, and what Debian says of types.
    const asked = /a2enmod (.*)/.exec(await readFile(generated, 'utf8'))?.[1]?.split(' ') ?? [];
    const modules = [
      ...asked,
      'mpm_event',
      'authz_core',
      'mime',
      'dir',
      'alias',
      'negotiation',
      'setenvif',
      'deflate',
      'filter',
    ];
    await writeFile(
      main,
      `ServerRoot ${folder}
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
ErrorLog ${log}
ServerName site.test
${isRoot ? 'User nobody\nGroup nogroup\n' : ''}
${[...new Set(modules)].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`).join('')}
TypesConfig /etc/mime.types
Include /etc/apache2/mods-available/mime.conf
Include /etc/apache2/mods-available/deflate.conf
Include ${generated}
`,
    );
    return { check: ['apache2', '-t', '-f', main], run: ['apache2', '-f', main, '-D', 'FOREGROUND'], log };
  },
};

const caddy: Kind = {
  name: 'caddy',
  // Extensions that are not in lower case.
  leaves: /\.[^/.]*[A-Z][^/.]*$/,
  async setUp(generated, folder) {
    const main = join(folder, 'Caddyfile');
    // Nobody but the test speaks with it, and another one may run beside it.
    await writeFile(main, `{\n  admin off\n  auto_https off\n}\nimport ${generated}\n`);
    const adapter = ['--config', main, '--adapter', 'caddyfile'];
    return {
      check: ['caddy', 'validate', ...adapter],
      run: ['caddy', 'run', ...adapter],
      log: join(folder, 'none.log'),
    };
  },
};

export const kinds: readonly Kind[] = [nginx, apache, caddy];

/** A server that runs. */
export interface FrontEnd {
  readonly port: number;
  readonly configuration: string;
  stop(): Promise<void>;
}

/** Runs `pagetree config`, lets the server check what it printed, and starts it on a free port of the loopback. */
export async function startServer(
  kind: Kind,
  cacheDir: string,
  folder: string,
  options: readonly string[],
): Promise<FrontEnd> {
  await mkdir(folder, { recursive: true });
  // Apache does not run as root, and a temporary folder is for its owner alone.
  await chmod(dirname(cacheDir), 0o755);
  const port = await freePort();
  const generated = join(folder, `${kind.name}.generated`);
  const args = [
    'config',
    kind.name,
    '--cache-dir',
    cacheDir,
    '--listen',
    `127.0.0.1:${port}`,
    '--output',
    generated,
  ];
  const made = await runNode(binOf('pagetree'), [...args, ...options]);
  if (made.code !== 0) throw new Error(made.stderr);
  const { check, run, log } = await kind.setUp(generated, folder);
  const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const checked = await start(check[0]!, check.slice(1), { env }).ended;
  if (checked.code !== 0) throw new Error(`${check.join(' ')}: ${checked.stdout}${checked.stderr}`);
  const program = start(run[0]!, run.slice(1), { env });
  try {
    await untilItAnswers(kind.name, program, port, log);
  } catch (error) {
    if (program.process.pid !== undefined) await stop(program);
    throw error;
  }
  return { port, configuration: await readFile(generated, 'utf8'), stop: () => stop(program) };
}

async function untilItAnswers(name: string, program: Started, port: number, log: string): Promise<void> {
  let over: string | undefined;
  program.ended.then(
    ({ stdout, stderr }) => {
      over = `it ended: ${stdout}${stderr}`;
    },
    (error: Error) => {
      over = error.message;
    },
  );
  for (let tries = 0; !(await listens(port)); tries += 1) {
    if (over !== undefined || tries === 400) {
      const logged = await readFile(log, 'utf8').catch(() => '');
      throw new Error(
        `${name} did not start: ${over ?? 'it does not answer'} ${logged} ${program.said.stderr}`,
      );
    }
    await sleep(25);
  }
}

/** Whether anybody listens on a port. */
export async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
