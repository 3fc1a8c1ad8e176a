import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import LongestFirst from './scripts/longest-first.js';

export default defineConfig({
  resolve: { conditions: ['@pagetree/source', 'node', 'default'] },
  ssr: { resolve: { conditions: ['@pagetree/source', 'node', 'default'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'e2e/**/*.test.ts', 'examples/*/test/**/*.test.{ts,js}'],
    reporters: ['default', './scripts/count-reporter.js'],
    // Most tests wait for processes and disks, so two at a time take half as long, also on two processors.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      // What decides is tested in every branch; some branches of the store belong to other systems.
      thresholds: {
        'packages/core/src/{key,policy,entry}/**': { branches: 100 },
        'packages/core/src/store/**': { branches: 95 },
      },
    },
  },
});
