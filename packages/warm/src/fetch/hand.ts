/** The thread that `crew.ts` begins: makes the pages that it is given. */
import { parentPort, workerData } from 'node:worker_threads';
import { OriginClient } from './client.ts';
import type { HandData, Order, Told } from './crew.ts';
import { warmPage } from './page.ts';
import { openCache, toolsOf } from './tools.ts';

const port = parentPort!;
const { tree, seconds, client: options, rules } = workerData as HandData;
const cache = openCache(tree, seconds);
const client = new OriginClient({ ...options, token: () => cache.token });
const tools = toolsOf(rules, cache, client);
const open = new Set<Promise<void>>();
let unsent: Told[] = [];

/** All that is told in one turn goes in one message. */
function tell(told: Told): void {
  if (unsent.push(told) > 1) return;
  setImmediate(() => {
    port.postMessage(unsent);
    unsent = [];
  });
}

async function make({ id, step, way }: Extract<Order, object>['pages'][number]): Promise<void> {
  const keys: string[] = [];
  try {
    const noting = { ...tools, onKey: (key: string) => void keys.push(key) };
    const tried = await warmPage(step, noting, way, (body) => tell({ id, body }));
    tell({ id, tried, keys });
  } catch {
    tell({ id, keys, broken: true });
  }
}

port.on('message', (order: Order) => {
  if (order === 'stop') client.stop();
  else if (order === 'close') void close();
  else {
    for (const page of order.pages) {
      const work = make(page).then(() => void open.delete(work));
      open.add(work);
    }
  }
});

async function close(): Promise<void> {
  await Promise.all(open);
  await client.close();
  await cache.close();
  // What is unsent goes first.
  setImmediate(() => port.close());
}

port.postMessage('ready');
