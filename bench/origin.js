import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const server = fileURLToPath(import.meta.resolve('@pagetree/example-compat-site/server.js'));

/** The compat site as a process of its own, without any cache. */
export async function startOrigin() {
  const child = spawn(process.execPath, [server, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const origin = /http:\S+/.exec(line)[0];
  return {
    origin,
    async stop() {
      child.kill();
      await once(child, 'close');
    },
  };
}
