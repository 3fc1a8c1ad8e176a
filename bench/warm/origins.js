/** The sites that the clients are asked to keep: each with its own list of paths. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheablePaths } from '@pagetree/example-compat-site/paths.js';
import { startNginx } from '../hits/nginx.js';
import { startOrigin } from '../origin.js';

/** A page of 4 KB that is like no other. */
export function pageOf(path) {
  const head = `<!doctype html><title>${path}</title>\n`;
  return (
    head + `<p>${path}: some words of a page, again and again.</p>\n`.repeat(200).slice(0, 4096 - head.length)
  );
}

/** A hundred pages a folder. */
export function paths(count) {
  return Array.from({ length: count }, (_, at) => `/docs/section-${Math.floor(at / 100)}/page-${at}`);
}

export const origins = {
  /** A server that is never what is waited for. */
  nginx: async (folder, count) => {
    const site = join(folder, 'site');
    const list = paths(count);
    for (let at = 0; at < count; at += 100) await mkdir(join(site, list[at], '..'), { recursive: true });
    for (const path of list) await writeFile(site + path, pageOf(path));
    const { port, stop } = await startNginx(join(folder, 'nginx'), site);
    return { origin: `http://127.0.0.1:${port}`, paths: list, stop };
  },
  /** An application that waits for its database. */
  'node, 20 ms': async (_folder, count) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('slow.js', import.meta.url)), '20'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
    const stop = async () => {
      child.kill();
      await once(child, 'close');
    };
    return { origin: `http://127.0.0.1:${Number(line)}`, paths: paths(count), stop };
  },
  /** A real site that renders each page. */
  'compat site': async (_folder, count) => {
    const { origin, stop } = await startOrigin();
    return { origin, paths: spread([...cacheablePaths()], count), stop };
  },
};

/** As many of a list as are wanted, evenly spread, so that a part of the site has the shape of the whole. */
function spread(items, wanted) {
  return Array.from({ length: wanted }, (_, at) => items[Math.floor((at * items.length) / wanted)]);
}
