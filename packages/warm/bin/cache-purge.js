#!/usr/bin/env node
import { purgeQuickly } from '../lib/quick.js';

if (!(await purgeQuickly(process.argv.slice(2)))) {
  const { runBin } = await import('../lib/run.js');
  await runBin({ name: 'cache-purge', command: './lib/purge.js' });
}
