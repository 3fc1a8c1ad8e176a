/** Two sites in one nginx: what one configuration says must not decide for the other. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask } from '../../packages/middleware/test/support/wire.ts';
import { freePort } from '../support/nginx.ts';
import { binOf, runNode } from '../support/processes.ts';
import { temporaryFolder } from '../support/tree.ts';
import { plantTree } from './planted.ts';
import { type Kind, kinds, startServer } from './servers.ts';

const [nginx] = kinds;
/** Reads every file of the folder, as Debian's nginx does. */
const both: Kind = {
  ...nginx!,
  setUp: (_, folder) => nginx!.setUp(`${folder}/*.generated`, folder),
};

test('each of two sites has its own rules, index pages and headers', async () => {
  const folder = await temporaryFolder();
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  await plantTree(
    first,
    { cacheControl: { '/': 'max-age=1' } },
    { '__index.html': 'first', a: 'a', home: 'x' },
  );
  await plantTree(
    second,
    { directoryIndex: 'home', cacheControl: { '/': 'max-age=2' } },
    { home: 'second', a: 'a', '__index.html': 'x' },
  );
  const server = join(folder, 'server');
  await mkdir(server);
  const port = await freePort();
  // Longer than the names of variables may be.
  const name = `${'sub.'.repeat(20)}example.org`;
  const made = await runNode(binOf('pagetree'), [
    ...['config', 'nginx', '--static', '--cache-dir', second, '--server-name', name],
    ...['--listen', `127.0.0.1:${port}`, '--output', join(server, 'second.generated')],
  ]);
  expect(made).toMatchObject({ code: 0 });
  const front = await startServer(both, first, server, ['--static', '--server-name', 'example.org']);
  try {
    const answers = async (at: number, host: string, path: string) => {
      const { status, headers, body } = await ask(at, path, [`Host: ${host}`]);
      return status === 200 ? `${body} ${headers['cache-control']}` : status;
    };
    expect(await answers(front.port, 'example.org', '/')).toBe('first max-age=1');
    expect(await answers(port, name, '/')).toBe('second max-age=2');
    expect(await answers(front.port, 'example.org', '/a')).toBe('a max-age=1');
    expect(await answers(port, name, '/a')).toBe('a max-age=2');
    // The index page of the other is a page like any other here, and its own is none.
    expect(await answers(front.port, 'example.org', '/home')).toBe('x max-age=1');
    expect(await answers(front.port, 'example.org', '/__index.html')).toBe(404);
    expect(await answers(port, name, '/home')).toBe(404);
  } finally {
    await front.stop();
  }
});
