import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/bins.ts';
import { leftovers, newFolder } from '../support/folders.ts';
import { steady, storeAll } from './trees.ts';

const cwd = newFolder();
const cacheDir = join(cwd, 'cache');
const hostile = 'line\u001b[2Jone\r\n\tline\u009btwo \u202eé\n'.repeat(100);

beforeAll(() =>
  storeAll(cacheDir, [
    { path: '/about' },
    { path: '/hostile', body: hostile },
    { path: '/a.png', body: 'x', type: 'image/png' },
  ]),
);

const bin = new URL('../../bin/pagetree.js', import.meta.url).pathname;
const cat = (...args: string[]) => run('pagetree', ['cat', ...args], { cwd });

async function bytesOf(...args: string[]): Promise<Buffer> {
  const child = spawn(process.execPath, [bin, 'cat', ...args], { cwd });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  expect(await once(child, 'close')).toEqual([0, null]);
  return Buffer.concat(chunks);
}

async function onTerminal(command: string): Promise<{ text: string; code: number }> {
  const child = spawn('/usr/bin/script', ['-qec', `${process.execPath} ${bin} ${command}`, '/dev/null'], {
    cwd,
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  return { text, code };
}

describe('pagetree cat', () => {
  it('prints a page and its variants byte for byte', async () => {
    const page = readFileSync(join(cacheDir, 'hostile'));
    expect(await bytesOf('/hostile')).toEqual(page);
    expect(page.toString()).toBe(hostile);
    expect(gunzipSync(await bytesOf('/hostile', '--variant', 'gzip'))).toEqual(page);
    expect(brotliDecompressSync(await bytesOf('/hostile', '--variant', 'br'))).toEqual(page);
  });

  it('prints the header fields of a hit', async () => {
    expect(steady((await cat('/about', '--head')).stdout, cacheDir)).toMatchSnapshot();
    const { stdout } = await cat('/about', '--head', '--variant', 'br');
    expect(stdout).toContain('content-encoding: br\n');
  });

  it('ends with 3 when the page or the variant is not there, and asks for nothing to be made', async () => {
    expect(await cat('/none')).toEqual({ code: 3, stdout: '', stderr: '/none is not stored.\n' });
    expect(await cat('/a.png', '--variant', 'br')).toMatchObject({
      code: 3,
      stderr: '/a.png has no br variant.\n',
    });
    expect(leftovers(cacheDir)).toEqual([]);
  });

  it('prints what is stored, also where the rules for requests let nobody have it', async () => {
    const rules = { cacheDir, hosts: ['example.org'], excludePaths: ['/about'] };
    writeFileSync(join(cwd, 'rules.json'), JSON.stringify(rules));
    const { code, stdout, stderr } = await cat('/about', '--config', 'rules.json');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe((await cat('/about')).stdout);
  });

  it('prints no control character of a page on a terminal, and nothing that is no text', async () => {
    const { text, code } = await onTerminal('cat /hostile');
    expect(code).toBe(0);
    expect(text).toContain('line\\u{1b}[2Jone\r\n\tline\\u{9b}two \\u{202e}é\r\n');
    expect(text).not.toMatch(/[^\P{Cc}\t\r\n]|\u202e/u);
    for (const command of ['cat /a.png', 'cat /hostile --variant gzip']) {
      const binary = await onTerminal(command);
      expect([binary.code, binary.text]).toEqual([
        2,
        expect.stringMatching(/^This is no text for a terminal\./),
      ]);
    }
  });

  it('does not serve a page whose file is gone or a link', async () => {
    await storeAll(cacheDir, [{ path: '/gone' }]);
    rmSync(join(cacheDir, 'gone'));
    expect((await cat('/gone')).code).toBe(3);
    const outside = join(cwd, 'outside');
    writeFileSync(outside, 'secret');
    const { symlinkSync } = await import('node:fs');
    symlinkSync(outside, join(cacheDir, 'link'));
    expect(await cat('/link')).toMatchObject({ code: 3, stdout: '' });
  });

  it.each([
    [[], 'No page is named that should be printed.'],
    [['/a?b'], 'No page can have the path "/a?b": The target has a `?`.'],
    [['/a', '--variant', 'zip'], '--variant must be gzip, br or zstd; it is "zip".'],
  ])('says what is wrong with %j', async (args, sentence) => {
    const { code, stderr } = await cat(...args);
    expect([code, stderr.split('\n', 1)[0]]).toEqual([2, `pagetree: ${sentence}`]);
  });
});
