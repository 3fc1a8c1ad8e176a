/**
 * `pnpm test:nodes [file...]`: runs tests under each of the other Nodes that Pagetree supports (`scripts/nodes/package.json`), by
 * default a few that ask what depends on the runtime most: files, compression, HTTP, threads.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const byDefault = [
  'packages/core/test/store/io.test.ts',
  'packages/core/test/store/make.test.ts',
  'packages/middleware/test/http2.test.ts',
  'packages/warm/test/crew.test.ts',
];

const nodes = new URL('nodes/', import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program to its end; what it prints is shown. Returns whether it succeeded. */
function run(command, args, env = {}) {
  return (
    spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status === 0
  );
}

if (
  !run('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund', '--prefix', fileURLToPath(nodes)])
) {
  console.error('The other Nodes could not be installed.');
  process.exit(1);
}

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', nodes), 'utf8'));
const files = process.argv.slice(2);
const failed = [];
for (const name of Object.keys(dependencies)) {
  const node = fileURLToPath(new URL(`node_modules/${name}/bin/node`, nodes));
  console.log(`\n== ${name}`);
  // Programs that tests start by name are of the same Node.
  const env = { PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...(files.length > 0 ? files : byDefault)];
  if (!run(node, vitest, env)) failed.push(name);
}
if (failed.length > 0) {
  console.error(`Tests failed under ${failed.join(', ')}.`);
  process.exitCode = 1;
}
