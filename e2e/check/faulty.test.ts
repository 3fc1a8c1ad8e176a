/** Front ends with one mistake each: `pagetree check` names every one of them, and is silent about one that has none. */
import { createServer } from 'node:http';
import { join } from 'node:path';
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
  const pages = withPageCache({ cacheDir }, (req, res) => {
    res.statusCode = req.method === 'GET' ? 404 : 405;
    res.setHeader('content-type', 'text/plain');
    res.end(`nothing at ${req.url}`);
  });
  application = await listen(createServer(pages));
  before = await treeFiles();
});
afterAll(() => application.stop());

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
async function check(mistake: Mistake, flags: Partial<CheckFlags> = {}) {
  const frontEnd = await startFrontEnd(application.origin, cacheDir, mistake);
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
