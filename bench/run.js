/** `pnpm bench [name...]`: runs the benches one after the other, and keeps what they found in `results/`. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { machineFacts } from './machine.js';

/** One file a question. */
const benches = {
  'core-mapping': () => import('./core/mapping.js'),
  'core-stores': () => import('./core/stores.js'),
  'core-hits': () => import('./core/hits.js'),
  'core-purge-everything': () => import('./core/purge-everything.js'),
  'core-million': () => import('./core/million.js'),
  hits: () => import('./hits.js'),
  'front-end': () => import('./front-end.js'),
  misses: () => import('./misses.js'),
  purge: () => import('./purge.js'),
  warm: () => import('./warm.js'),
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}

for (const name of names.length > 0 ? names : Object.keys(benches)) {
  const { question, run } = await benches[name]();
  console.log(`\n${name}: ${question}\n`);
  const started = new Date();
  try {
    const found = await run({ say: (text) => console.log(`  ${text}`) });
    keep(name, {
      bench: name,
      question,
      on: started.toISOString().slice(0, 10),
      machine: machineFacts(),
      ...found,
    });
    console.log(`\n  kept in bench/results/${name}.json`);
  } catch (error) {
    if (error.missing === undefined) throw error;
    console.error(`  ${error.message}`);
    process.exitCode = 1;
  }
}

/** The old result stays until the new one is whole. */
function keep(name, result) {
  const folder = new URL('results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const temporary = new URL(`${name}.tmp.json`, folder);
  writeFileSync(temporary, `${JSON.stringify(result, null, 2)}\n`);
  renameSync(temporary, new URL(`${name}.json`, folder));
}
