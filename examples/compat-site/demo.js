/** The main job of Pagetree on a real site, in a minute: warm, serve, purge. `--help` says what can be chosen. */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Children } from './demo/children.js';
import { readOptions } from './demo/options.js';
import { Screen } from './demo/screen.js';
import { ask } from './demo/steps/ask.js';
import { look } from './demo/steps/look.js';
import { next } from './demo/steps/next.js';
import { purge } from './demo/steps/purge.js';
import { startSite } from './demo/steps/site.js';
import { warm } from './demo/steps/warm.js';

const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

const options = readOptions();
const screen = new Screen(process.stdout, process.env);
const children = new Children();
/** How the demo ends, once something has decided it: whatever comes later changes nothing. */
let ending;

// The handlers stand before there is anything to clean up.
for (const [name, code] of Object.entries(signals)) {
  process.on(name, () => void end(code, 'Stopped.'));
}
// Whoever read our output went away (`demo | head`): there is nobody left to tell.
process.stdout.on('error', () => void end(141));
const folder = makeFolder();

try {
  const demo = { ...options, folder, screen, children, cacheDir: join(folder, 'cache') };
  const site = await startSite(demo);
  await warm(demo, site);
  await ask(demo, site);
  await look(demo);
  await purge(demo, site);
  next(demo);
  await end(0);
} catch (error) {
  await end(1, `The demo failed: ${await children.explain(error)}`);
}

function makeFolder() {
  try {
    return mkdtempSync(join(tmpdir(), 'pagetree-demo-'));
  } catch (error) {
    process.stderr.write(`The demo needs a temporary folder, and there is none: ${error.message}\n`);
    process.exit(1);
  }
}

/** Takes everything away that the demo brought, then leaves. */
function end(code, sentence) {
  ending ??= (async () => {
    children.close();
    if (sentence !== undefined) process.stderr.write(`\n${sentence}\n`);
    try {
      await children.stop({ gently: options.keep });
      if (!options.keep) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      else if (code !== 0) process.stderr.write(`The folder is kept: ${folder}\n`);
    } catch (error) {
      process.stderr.write(`${folder} can't be removed: ${error.message}\n`);
      process.exit(code || 1);
    }
    process.exit(code);
  })();
  return ending;
}
