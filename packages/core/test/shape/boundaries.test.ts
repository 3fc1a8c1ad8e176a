import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const packages = resolve(import.meta.dirname, '../../..');

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

/** What a file imports: packages as they are written, own files relative to the package's `src`. Types count too. */
function importsOf(file: string, src: string): string[] {
  const text = readFileSync(file, 'utf8');
  const found = [...text.matchAll(/\bfrom\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|^import\s+'([^']+)'/gm)];
  return found
    .map((match) => (match[1] ?? match[2] ?? match[3])!)
    .map((name) => (name.startsWith('.') ? relative(src, resolve(dirname(file), name)) : name));
}

const core = join(packages, 'core/src');

/** The layers of core: a file may import from its own row and from the rows above. */
const layers: readonly (readonly RegExp[])[] = [
  [/^contracts\.ts$/, /^errors\.ts$/, /^events\.ts$/, /^policy\/reasons\.ts$/],
  [/^key\//, /^policy\//, /^entry\//],
  [/^options\.ts$/, /^store\//, /^memory\//, /^coalesce\//],
  [/^mapping\.ts$/, /^resolve-options\.ts$/, /^config\//],
  [
    /^fill(-context|-parts)?\.ts$/,
    /^ticket\.ts$/,
    /^finder\.ts$/,
    /^reader\.ts$/,
    /^(?:allowance|pace)\.ts$/,
    /^rush\.ts$/,
    /^purge-scope\.ts$/,
    /^purge-steps\.ts$/,
    /^scope-fault\.ts$/,
    /^bounds\.ts$/,
    /^inspect\//,
  ],
  [/^engine\//],
  [/^engine\.ts$/],
  [/^live\.ts$/],
  [/^page-cache\.ts$/, /^siblings\.ts$/],
  [/^create\.ts$/],
  [/^index\.ts$/, /^rules\.ts$/, /^testing\.ts$/],
];

function layerOf(file: string): number {
  return layers.findIndex((row) => row.some((pattern) => pattern.test(file)));
}

describe('the import boundaries of the design', () => {
  const files = sources(core).map((file) => ({ name: relative(core, file), imports: importsOf(file, core) }));

  it('every file of core has a layer', () => {
    expect(files.filter(({ name }) => layerOf(name) === -1)).toEqual([]);
  });

  it('core imports downwards only', () => {
    const upward = files.flatMap(({ name, imports }) =>
      imports
        .filter((other) => other.endsWith('.ts') && layerOf(other) > layerOf(name))
        .map((other) => `${name} imports ${other}`),
    );
    expect(upward).toEqual([]);
  });

  it('key, policy and entry decide: no files, no network, no clock, no chance', () => {
    const pure = files.filter(({ name }) => /^(key|policy|entry)\//.test(name));
    expect(pure.length).toBeGreaterThan(20);
    for (const { name, imports } of pure) {
      expect(
        imports.filter((other) => /^node:(?!buffer$)/.test(other)),
        name,
      ).toEqual([]);
      const text = readFileSync(join(core, name), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      const impure =
        /\bDate\.now\(|\bnew Date\(\)|\bperformance\.|\bMath\.random\(|\bprocess\.\w|\bsetTimeout\(/;
      expect(impure.exec(text)?.[0], name).toBeUndefined();
    }
  });

  it('core knows neither the middleware nor the warmer, and these do not know each other', () => {
    const foreign = (name: string, allowed: readonly string[]): string[] => {
      const src = join(packages, name, 'src');
      return sources(src).flatMap((file) =>
        importsOf(file, src)
          .filter((other) => other.startsWith('@pagetree/') && !allowed.includes(other))
          .map((other) => `${name}: ${relative(src, file)} imports ${other}`),
      );
    };
    expect(foreign('core', [])).toEqual([]);
    expect(foreign('middleware', ['@pagetree/core', '@pagetree/core/rules'])).toEqual([]);
    expect(foreign('warm', ['@pagetree/core', '@pagetree/core/rules'])).toEqual([]);
  });

  it('the middleware does not import undici, which breaks the fetch of some applications', () => {
    const src = join(packages, 'middleware/src');
    expect(sources(src).filter((file) => importsOf(file, src).includes('undici'))).toEqual([]);
  });
});
