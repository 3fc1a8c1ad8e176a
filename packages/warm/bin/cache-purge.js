#!/usr/bin/env node
import { purgeQuickly } from '../dist/commands/quick.js';

if (!(await purgeQuickly(process.argv.slice(2)))) {
  const { runBin } = await import('../dist/commands/run.js');
  await runBin({ name: 'cache-purge', command: './dist/commands/purge.js' });
}
