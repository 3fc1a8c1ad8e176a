/** The options from the file that the commands read too. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig, pageCache } from '../src/index.ts';
import { until } from './support/counting.ts';
import { folder, listen } from './support/site.ts';
import { ask } from './support/wire.ts';

const run = promisify(execFile);
const built = pathToFileURL(join(import.meta.dirname, '../dist/index.js')).href;

function write(dir: string, name: string, text: string): string {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, name), text);
  return join(dir, name);
}

/** What `loadConfig` says in a process of its own, started in a folder. */
async function inProcess(
  cwd: string,
  {
    file,
    args = [],
    env = {},
  }: { file?: string; args?: readonly string[]; env?: Record<string, string> } = {},
): Promise<Record<string, unknown>> {
  const program = `
    const { loadConfig } = await import(${JSON.stringify(built)});
    const said = await loadConfig(${file === undefined ? '' : JSON.stringify(file)}).catch(
      ({ name, code, message, hint }) => ({ name, code, message, hint }));
    console.log(JSON.stringify(said));`;
  const { stdout } = await run(process.execPath, [...args, '--input-type=module', '-e', program], {
    cwd,
    env: { ...process.env, PAGETREE_CACHE_DIR: '', ...env },
  });
  return JSON.parse(stdout);
}

/** Reads types away, as a loader does it. */
const loader = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    export async function load(url, context, next) {
      if (!url.endsWith('.ts')) return next(url, context);
      const { source } = await next(url, { ...context, format: 'module' });
      return { format: 'module', source: String(source).replace(': Options', ''), shortCircuit: true };
    }\`));
`)}`;

describe('loadConfig', () => {
  it('reads the options, with cacheDir relative to the file', async () => {
    const root = await folder();
    const file = write(
      root,
      'pagetree.config.json',
      '{"cacheDir": "./cache", "durability": "none", "warm": {"concurrency": 4}}',
    );
    const options = await loadConfig(file);
    expect(options).toEqual({ cacheDir: join(root, 'cache'), durability: 'none' });
  });

  it('makes a cache whose pages are where the file says, with options of its own beside it', async () => {
    const root = await folder();
    const file = write(
      root,
      'pagetree.config.json',
      '{"cacheDir": "./cache", "layout": "html", "durability": "none"}',
    );
    const stored: string[] = [];
    const pages = pageCache({
      ...(await loadConfig(file)),
      onEvent: (event) => event.type === 'stored' && stored.push(event.place),
    });
    onTestFinished(() => pages.close());
    const listener: RequestListener = (req, res) =>
      pages(req, res, () => res.writeHead(200, { 'Content-Type': 'text/html' }).end('page'));
    const server = await listen(listener);
    await ask(server.port, '/about');
    await until(async () => stored.length === 1);
    expect(stored).toEqual(['about.html']);
    expect(pages.cache.cacheDir).toBe(join(root, 'cache'));
  });

  it('gives a layout of its own to the middleware, which hits with it, and is refused the tree without it', async () => {
    const root = await folder();
    const file = write(
      root,
      'site.mjs',
      `export default { cacheDir: './cache', durability: 'none', layout: {
        name: 'behind-pages',
        directoryIndex: 'index.html',
        place: (segments, slash, { directoryIndex, pageFile }) =>
          segments[0] === '.well-known' ? 'no-place' : { path: ['pages', ...segments, slash ? directoryIndex : pageFile].join('/') },
        target(path, { directoryIndex, pageFile }) {
          const [first, ...segments] = path.split('/');
          const name = segments.pop();
          if (first !== 'pages' || (name !== directoryIndex && name !== pageFile)) return undefined;
          return { segments, slash: name === directoryIndex };
        },
      } };`,
    );
    const stored: string[] = [];
    const options = await loadConfig(file);
    const pages = pageCache({
      ...options,
      onEvent: (event) => event.type === 'stored' && stored.push(event.place),
    });
    onTestFinished(() => pages.close());
    let renders = 0;
    const listener: RequestListener = (req, res) =>
      pages(req, res, () => res.writeHead(200, { 'Content-Type': 'text/html' }).end(`page ${++renders}`));
    const server = await listen(listener);
    await ask(server.port, '/about');
    await until(async () => stored.length === 1);
    expect(stored).toEqual(['pages/about/__page.html']);
    expect((await ask(server.port, '/about')).body.toString()).toBe('page 1');
    await pages.cache.purge('/about');
    expect((await ask(server.port, '/about')).body.toString()).toBe('page 2');
    const { layout: _, ...without } = options;
    expect(() => pageCache(without)).toThrowError(/layout of its own, "behind-pages"/);
  });

  it('finds the file from below, wherever the program was started', async () => {
    const root = await folder();
    write(root, 'pagetree.config.json', '{"cacheDir": "var/cache"}');
    mkdirSync(join(root, 'a', 'b'), { recursive: true });
    expect(await inProcess(join(root, 'a', 'b'))).toEqual({ cacheDir: join(root, 'var/cache') });
  });

  it('reads a module with functions', async () => {
    const root = await folder();
    const file = write(
      root,
      'site.mjs',
      'export default { cacheDir: "x", shouldStore: ({ target }) => target !== "/no" }',
    );
    const { shouldStore } = await loadConfig(file);
    expect(shouldStore?.({ method: 'GET', target: '/no', headers: {} }, { status: 200, headers: {} })).toBe(
      false,
    );
  });

  it('says what to do when there is no file', async () => {
    const root = await folder();
    mkdirSync(join(root, '.git'));
    expect(await inProcess(root)).toEqual({
      name: 'PagetreeError',
      code: 'ERR_PAGETREE_CONFIG',
      message: `There is no pagetree.config.json, .js, .mjs or .ts in ${root} or above it.`,
      hint: 'Write { "cacheDir": "./cache" } into pagetree.config.json, or name the file: loadConfig("./site.json").',
    });
  });

  it('says which file has no cacheDir, unless the environment has one', async () => {
    const root = await folder();
    const file = write(root, 'pagetree.config.json', '{"layout": "html"}');
    expect(await inProcess(root)).toMatchObject({
      code: 'ERR_PAGETREE_CONFIG',
      message: `The configuration file ${file} does not say cacheDir.`,
    });
    expect(await inProcess(root, { env: { PAGETREE_CACHE_DIR: 'elsewhere' } })).toEqual({
      layout: 'html',
      cacheDir: join(root, 'elsewhere'),
    });
    write(root, 'pagetree.config.json', '{"cacheDir": "./cache", "counters": "yes"}');
    expect(await inProcess(root)).toMatchObject({
      message: expect.stringContaining('counters: expected true or false'),
    });
    write(root, 'pagetree.config.json', '{"cacheDir": "./cache", "counters": true}');
    expect(await inProcess(root)).toEqual({ cacheDir: join(root, 'cache'), counters: true });
    write(root, 'pagetree.config.json', '{"cacheDir": "./cache"}');
    const env = { PAGETREE_CACHE_DIR: 'elsewhere' };
    expect(await inProcess(root, { env })).toEqual({ cacheDir: join(root, 'elsewhere') });
  });

  it('names everything that is wrong in the file', async () => {
    const root = await folder();
    const file = write(root, 'pagetree.config.json', '{"cache_dir": "x", "layout": "flat", "maxBytes": -1}');
    await expect(loadConfig(file)).rejects.toMatchObject({
      name: 'PagetreeError',
      code: 'ERR_PAGETREE_CONFIG',
      message:
        `The configuration file ${file} cannot be used: cache_dir: no option has this name, did you mean cacheDir?; ` +
        "layout: expected one of 'mirror', 'html', 'index', or a layout of your own, but got \"flat\"; " +
        'maxBytes: expected a whole number of bytes from 1 to 9007199254740991, but got -1.',
    });
  });

  describe('of a file in TypeScript', () => {
    const typed =
      'interface Options { cacheDir: string }\nconst options: Options = { cacheDir: "x" };\nexport default options;';
    // What the loader of this test can take away.
    const simple = 'const options: Options = { cacheDir: "x" };\nexport default options;';

    it('works where this Node reads TypeScript, and else it is said what to do', async () => {
      const root = await folder();
      const file = write(root, 'pagetree.config.ts', typed);
      const said = await inProcess(root);
      if ((process.features as { typescript?: unknown }).typescript) {
        expect(said).toEqual({ cacheDir: join(root, 'x') });
      } else {
        expect(said).toMatchObject({
          code: 'ERR_PAGETREE_CONFIG',
          message:
            `The configuration file ${file} cannot be used: this Node (${process.version}) does not read such files; ` +
            'TypeScript takes Node 22.18 or later, or a loader (node --import tsx server.js), or name the file pagetree.config.mjs.',
        });
      }
    });

    it('works with a loader, on every Node', async () => {
      const root = await folder();
      write(root, 'pagetree.config.ts', simple);
      expect(await inProcess(root, { args: ['--import', loader] })).toEqual({ cacheDir: join(root, 'x') });
    });
  });
});
