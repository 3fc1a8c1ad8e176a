#!/usr/bin/env node
import { runBin } from '../lib/run.js';

await runBin({ name: 'cache-warm', command: './lib/warm.js' });
