/** Front ends with one mistake each: `pagetree check` names every one of them, and is silent about one that has none. */
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { CacheOptions } from '@pagetree/core';
import { withPageCache } from '@pagetree/middleware';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CheckFlags, checkServer } from '../../packages/warm/src/check/check.ts';
import { storeAll } from '../../packages/warm/test/tree/trees.ts';
import { filesOf, leftovers, temporaryFolder } from '../support/tree.ts';
import { mistakes } from './mistakes.ts';
import { type Listening, listen, type Mistake, startFrontEnd } from './servers.ts';

const folder = await temporaryFolder();
const cacheDir = join(folder, 'cache');
let application: Listening;
let before: string[];

beforeAll(async () => {
  await storeAll(cacheDir);
  application = await startApplication({ cacheDir });
  before = await treeFiles();
});
afterAll(() => application.stop());

/** Knows no page of its own: whatever is a hit comes from the tree. */
function startApplication(options: CacheOptions): Promise<Listening> {
  const pages = withPageCache(options, (req, res) => {
    res.statusCode = req.method === 'GET' ? 404 : 405;
    res.setHeader('content-type', 'text/plain');
    res.end(`nothing at ${req.url}`);
  });
  return listen(createServer(pages));
}

async function treeFiles(): Promise<string[]> {
  return (await filesOf(cacheDir)).filter((file) => !file.startsWith('.pagetree/usage'));
}

const defaults = {
  all: false,
  'pages-only': false,
  static: false,
  insecure: false,
  verbose: false,
  json: false,
};

/** The command without a process of its own: there are many mistakes. */
async function check(mistake: Mistake, flags: Partial<CheckFlags> = {}, behind = application) {
  const frontEnd = await startFrontEnd(behind.origin, cacheDir, mistake);
  let stdout = '';
  const write = (text: string, done: () => void) => {
    stdout += text;
    done();
    return true;
  };
  const around = { stdout: { write }, stderr: process.stderr, env: {}, cwd: () => folder };
  const interrupt = { signal: new AbortController().signal, exitCode: undefined, release() {} };
  try {
    const given = { ...defaults, 'cache-dir': cacheDir, ...flags };
    const code = await checkServer(frontEnd.origin, given, around as never, interrupt);
    return { code, stdout };
  } finally {
    await frontEnd.stop();
  }
}

interface Told {
  readonly answers: readonly {
    readonly topic: string;
    readonly differences: readonly {
      readonly aspect: string;
      readonly harmless: boolean;
      readonly where: string[];
    }[];
  }[];
}

/** The topic and aspect of each difference. */
function toldIn({ answers }: Told): string[] {
  const all = answers.flatMap(({ topic, differences }) =>
    differences.filter(({ harmless }) => !harmless).map(({ aspect }) => `${topic} ${aspect}`),
  );
  return [...new Set(all)];
}

describe('a front end without a mistake', () => {
  test.each<[string, Partial<CheckFlags>]>([
    ['by the tree', {}],
    ['by an application', { origin: 'application' }],
    ['with every page and question', { all: true, verbose: true }],
    ['with stored pages only', { 'pages-only': true }],
  ])('is the same as the middleware: %s', async (_, flags) => {
    const { origin, ...rest } = flags;
    const { code, stdout } = await check({}, { ...rest, ...(origin && { origin: application.origin }) });
    expect(stdout).toMatch(/, 8 stored pages: the same as the middleware\.\n/);
    expect(stdout).not.toContain('different');
    expect(code).toBe(0);
    expect(await treeFiles()).toEqual(before);
  });
});

describe('a tree of another kind', () => {
  test.each<[string, Partial<CacheOptions>, Partial<CacheOptions>]>([
    ['layout html', { layout: 'html' }, {}],
    ['layout index', { layout: 'index' }, {}],
    ['layout index without slashes', { layout: 'index', trailingSlash: 'never' }, {}],
    ['strict', { fidelity: 'strict' }, {}],
    [
      'types and rules of its own',
      {
        contentType: 'application/xml',
        types: { '/': 'text/plain', '/blog': 'text/html' },
        cacheControl: { '/': 'public, max-age=60' },
      },
      { cachePaths: ['/blog'], excludePaths: ['/blog/b'], cookies: 'ignore' },
    ],
  ])('%s: every question has its answer', async (name, tree, rules) => {
    const other = join(folder, name.replaceAll(' ', '-'));
    const behind = await startApplication({ cacheDir: other, ...tree, ...rules });
    const config = join(folder, `${name.replaceAll(' ', '-')}.json`);
    await writeFile(config, JSON.stringify({ cacheDir: other, ...rules }));
    try {
      const { code, stdout } = await check({}, { 'cache-dir': other, config, origin: behind.origin }, behind);
      expect(stdout).toMatch(/^1[0-9]{2} questions, 0 stored pages: the same as the middleware\.\n/);
      expect(code).toBe(0);
      expect(await filesOf(other)).not.toContainEqual(expect.stringContaining('pagetree-check'));
    } finally {
      await behind.stop();
    }
  });
});

describe('a front end that', () => {
  test.each(Object.entries(mistakes))('%s', async (_, { told, ...mistake }) => {
    const { code, stdout } = await check(mistake, { json: true, sample: '2' });
    const document = JSON.parse(stdout) as Told;
    expect(toldIn(document)).toContain(told);
    expect(document).toMatchObject({ server: 'nginx', exitCode: 3 });
    expect(code).toBe(3);
    expect(stdout).not.toContain('secret-value');
    const wrong = document.answers
      .flatMap(({ differences }) => differences)
      .filter(({ harmless }) => !harmless);
    for (const { where } of wrong) expect(where.join()).toMatch(/^nginx: \w/);
    expect(await treeFiles()).toEqual(before);
    expect(await leftovers(cacheDir)).toEqual([]);
  });
});
