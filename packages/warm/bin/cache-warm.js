#!/usr/bin/env node
import { runBin } from '../dist/commands/run.js';

await runBin({ name: 'cache-warm', command: './dist/commands/warm.js' });
