/**
 * Puts the many small files of a package into a few: a command that Node starts reads them in half the time. Types come from the
 * compiler, beside.
 */
import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** What is imported or started by name: `lib/` has a file of each name's last part. */
const packages = {
  core: ['index', 'rules', 'testing'],
  warm: [
    'index',
    'commands/run',
    'commands/quick',
    'commands/warm',
    'commands/purge',
    'commands/all',
    'fetch/hand',
  ],
};

for (const [name, entries] of Object.entries(packages)) {
  const folder = fileURLToPath(new URL(`../packages/${name}/`, import.meta.url));
  const bundle = await rolldown({
    cwd: folder,
    input: Object.fromEntries(entries.map((entry) => [basename(entry), `src/${entry}.ts`])),
    platform: 'node',
    // Dependencies stay dependencies.
    external: /^[^./]/,
  });
  rmSync(`${folder}lib`, { recursive: true, force: true });
  await bundle.write({ dir: 'lib', format: 'esm', chunkFileNames: '[name]-[hash].js', sourcemap: true });
  await bundle.close();
}
