/**
 * Prints `tests: N passed, N failed, N skipped` as the last line of a run, and fails a run in which
 * a test that should have run was skipped (CI sets PAGETREE_NO_SKIPS=1) or in which nothing ran.
 */
export default class CountReporter {
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      if (module.state() === 'failed' && module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === 'pending' ? 'skipped' : state] += 1;
      }
    }
    counts.failed += errors.length;
    const strict = process.env.PAGETREE_NO_SKIPS === '1';
    if (counts.failed > 0 || counts.passed === 0 || (strict && counts.skipped > 0)) {
      process.exitCode = 1;
      if (strict && counts.skipped > 0) {
        console.log('A test was skipped where PAGETREE_NO_SKIPS=1 says that all must run.');
      }
    }
    process.once('exit', () => {
      console.log(`tests: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    });
  }
}
