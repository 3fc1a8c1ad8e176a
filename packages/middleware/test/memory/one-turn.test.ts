/** What is read in one turn of the event loop did not all arrive before it began. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { folder } from '../support/site.ts';
import { talk } from './support.ts';

it('a page that goes while the application keeps the loop busy is gone for a request that came behind another on its connection', async () => {
  const dir = join(await folder(), 'cache');
  const path = fileURLToPath(new URL('children/spinning-server.js', import.meta.url));
  const child = fork(path, [dir], { execArgv: [] });
  onTestFinished(() => void child.kill());
  const [port] = (await once(child, 'message')) as [number];
  mkdirSync(join(dir, 'a'), { recursive: true });
  const [reader, holder, spinner, victim] = [talk(port), talk(port), talk(port), talk(port)];
  for (let round = 0; round < 5; round += 1) {
    const file = join(dir, 'a', `page-${round}`);
    const target = `/a/page-${round}`;
    writeFileSync(file, 'the old page');
    // Long enough to be in memory, which nobody can see from here.
    for (let asked = 0; asked < 60; asked += 1) {
      expect((await reader.ask(target)).text).toBe('the old page');
      await victim.ask('/spin/2');
    }
    const held = holder.ask('/spin/100');
    await once(holder.socket, 'data');
    // The loop stands still while these three arrive, so it finds all of them in its next turn, in this order.
    const read = reader.ask(target);
    const spinning = spinner.ask('/spin/200');
    const ahead = victim.ask('/other');
    await held;
    expect((await read).text).toBe('the old page');
    rmSync(file);
    const behind = victim.ask(target);
    await Promise.all([spinning, ahead]);
    expect((await behind).text).toBe(`rendered ${target}`);
  }
});
