#!/usr/bin/env node
import { runBin } from '../lib/run.js';

await runBin({ name: 'pagetree', commands: './lib/all.js' });
