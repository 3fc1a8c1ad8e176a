/** Serves the jobs of a child process, one message a call. The process ends with its parent. */
export function serve(jobs) {
  process.on('disconnect', () => process.exit());
  process.on('message', async ({ id, job, args }) => {
    try {
      const value = await jobs[job](args);
      process.send?.({ id, value });
    } catch (error) {
      process.send?.({ id, error: error.stack ?? String(error) });
    }
  });
}
