/** Checks what would be published: package.json against the files (publint) and the types as Node sees them (attw). */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const packages = ['core', 'middleware', 'warm'];
let failed = false;

function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) {
    failed = true;
    console.error(`${command} ${args.join(' ')} (${cwd}) ended with ${status}\n${stdout}${stderr}`);
  }
  return stdout;
}

for (const name of packages) {
  const folder = join('packages', name);
  const out = mkdtempSync(join(tmpdir(), 'pagetree-pack-'));
  try {
    run('pnpm', ['pack', '--pack-destination', out], folder);
    const tarball = readdirSync(out).find((file) => file.endsWith('.tgz'));
    if (!tarball) continue;
    const packed = join(out, tarball);
    run('pnpm', ['exec', 'publint', 'run', packed, '--strict'], '.');
    run('pnpm', ['exec', 'attw', packed, '--profile', 'esm-only', '--no-emoji', '--no-color'], '.');
    console.log(`${name}: packed, published shape and types are right`);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

process.exitCode = failed ? 1 : 0;
