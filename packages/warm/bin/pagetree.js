#!/usr/bin/env node
import { runBin } from '../dist/commands/run.js';

await runBin({ name: 'pagetree', commands: './dist/commands/all.js' });
