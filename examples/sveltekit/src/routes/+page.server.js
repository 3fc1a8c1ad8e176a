import { setTimeout as sleep } from 'node:timers/promises';

/** What takes long is a promise: the page is sent at once, and this behind it in the same response. */
async function slowly() {
  await sleep(Number(process.env.DELAY ?? 1000));
  return new Date().toISOString();
}

export const load = () => ({ madeAt: new Date().toISOString(), readyAt: slowly() });
