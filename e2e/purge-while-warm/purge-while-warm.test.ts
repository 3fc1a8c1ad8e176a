/**
 * Purges while cache-warm fills the same tree: real processes, and a site whose pages change before each purge. When
 * a purge has ended, no page in its scope is of an older version, then and for ever: seen in the files themselves.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cachePurge, cacheWarm, type Ended } from '../support/processes.ts';
import { leftovers, temporaryFolder } from '../support/tree.ts';

const LONG = 120_000;
const folder = await temporaryFolder();
const cacheDir = join(folder, 'cache');
const list = join(folder, 'urls.txt');
/** Pages with and without pages below them, so that some of them move. */
const paths = [...Array(120).keys()].flatMap((n) => {
  const section = `/s${n % 4}`;
  return n % 10 === 0 ? [`${section}/p${n}`, `${section}/p${n}/below`] : [`${section}/p${n}`];
});

let version = 0;
let server: Server;
let origin: string;

/** The version of a page is that of the moment at which its render began; the render takes a while. */
beforeAll(async () => {
  writeFileSync(list, paths.join('\n'));
  server = createServer((request, response) => {
    const begun = version;
    setTimeout(
      () => {
        response.writeHead(200, { 'content-type': 'text/html', 'cache-tag': `section${request.url!.at(2)}` });
        response.end(`version ${begun} of ${request.url}\n`.repeat(40));
      },
      5 + Math.random() * 60,
    );
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect((await cacheWarm([...warmed(), '--quiet'])).code).toBe(0);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** What is there, or nothing when it went, or moved, since it was seen. */
function ifThere<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return otherwise;
    throw error;
  }
}

/** Every page of the tree and its version, read as a web server does, variants too. */
function versions(folder = ''): { file: string; version: number }[] {
  const entries = ifThere(() => readdirSync(join(cacheDir, folder), { withFileTypes: true }), []);
  return entries.flatMap((entry) => {
    const file = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return file === '.pagetree' ? [] : versions(file);
    if (file === 'CACHEDIR.TAG') return [];
    const bytes = ifThere(() => readFileSync(join(cacheDir, file)), undefined);
    if (bytes === undefined) return [];
    return [{ file, version: Number(/^version (\d+) of /.exec(plain(file, bytes).toString())![1]) }];
  });
}

function plain(file: string, bytes: Buffer): Buffer {
  if (file.endsWith('.gz')) return gunzipSync(bytes);
  return file.endsWith('.br') ? brotliDecompressSync(bytes) : bytes;
}

/** What a purge is told, and which files are in its scope. */
const everything = () => true;
const below = (section: string) => (file: string) => file.startsWith(`${section}/`);
const scopes: readonly (readonly [args: readonly string[], inScope: (file: string) => boolean])[] = [
  [['--all', '--yes'], everything],
  [['/s1/**'], below('s1')],
  [['-r', '/s2'], below('s2')],
  [['--tag', 'section3'], below('s3')],
  [['/s0/p0', '/s0/p0/below'], (file) => /^s0\/p0(\.\w+|\/(__page\.html|below)(\.\w+)?)?$/.test(file)],
  [['**', '--yes'], everything],
];

function warmed(): string[] {
  return [list, '--cache-dir', cacheDir, '--origin', origin, '--durability', 'none'];
}

/** Lets warmers run, one after the other in some lines, while something else happens. */
async function whileWarming(lines: number, work: () => Promise<void>): Promise<Ended[]> {
  let going = true;
  const runs: Ended[] = [];
  const line = async () => {
    while (going) {
      const args = [...warmed(), '--refresh', '--concurrency', '24', '--quiet', '--json', '--restart'];
      runs.push(await cacheWarm(args));
    }
  };
  const running = Array.from({ length: lines }, line);
  try {
    await work();
  } finally {
    going = false;
    await Promise.all(running);
  }
  return runs;
}

describe.each(['cache-purge', 'cache-purge --rewarm'])('%s while cache-warm runs', (name) => {
  const isRewarm = name.endsWith('--rewarm');
  test('leaves nothing that was rendered before', { timeout: LONG }, async () => {
    const floors: { least: number; inScope: (file: string) => boolean; args: string }[] = [];
    const told = { pages: 0, fills: 0 };
    let looked = 0;
    const check = () => {
      for (const { file, version: of } of versions()) {
        looked += 1;
        for (const { least, inScope, args } of floors) {
          if (inScope(file) && of < least)
            throw new Error(`${file} is of version ${of}, before ${name} ${args} of ${least}`);
        }
      }
    };
    const runs = await whileWarming(isRewarm ? 1 : 2, async () => {
      for (const [args, inScope] of isRewarm ? scopes : [...scopes, ...scopes]) {
        version += 1;
        const least = version;
        const given = isRewarm ? ['--rewarm', '--origin', origin] : [];
        const purged = await cachePurge([...args, ...given, '--cache-dir', cacheDir, '--json']);
        expect([0, 3], purged.stderr).toContain(purged.code);
        const { pages, fills } = JSON.parse(purged.stdout);
        told.pages += pages;
        told.fills += fills;
        floors.push({ least, inScope, args: args.join(' ') });
        check();
      }
    });
    check();
    // The test has seen what it is about: pages went, others came, and some were in the making.
    expect(told.pages).toBeGreaterThan(100);
    expect(looked).toBeGreaterThan(300);
    if (!isRewarm) expect(told.fills).toBeGreaterThan(0);
    expect(runs.length).toBeGreaterThan(0);
    for (const { code, stderr } of runs) expect([0, 3], stderr).toContain(code);
    expect(await leftovers(cacheDir)).toEqual([]);
    // And when all is quiet the tree is as warm as ever.
    const last = await cacheWarm([...warmed(), '--quiet', '--json', '--restart']);
    expect(last.code, last.stdout).toBe(0);
    check();
  });
});
