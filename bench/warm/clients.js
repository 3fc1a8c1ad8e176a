/** Who fetches a list of pages into a folder, as many at once as one another. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peer } from '../machine.js';

/** Requests that are open at once. aria2c has no more than 16 connections to one server; wget has one. */
export const AT_ONCE = 64;

const warmBin = fileURLToPath(
  new URL('bin/cache-warm.js', import.meta.resolve('@pagetree/warm/package.json')),
);
const own = (name) => fileURLToPath(new URL(name, import.meta.url));

const cacheWarm =
  (...flags) =>
  ({ list, into }) => [
    process.execPath,
    [warmBin, list, '--cache-dir', into, '--concurrency', String(AT_ONCE), '--quiet', '--restart', ...flags],
  ];

/** `command` answers a program and its arguments. `one` says that it asks for one page at a time. */
export const clients = {
  'cache-warm, no variants, no flush': { command: cacheWarm('--variants', 'none', '--durability', 'none') },
  'cache-warm, no variants': { command: cacheWarm('--variants', 'none') },
  'cache-warm, gzip and brotli, fast, no flush': {
    command: cacheWarm('--compression', 'fast', '--durability', 'none'),
  },
  'cache-warm, as it comes': { command: cacheWarm() },
  'curl --parallel': {
    command: ({ into, folder, paths, origin }) => {
      const config = join(folder, 'curl.conf');
      const entry = (path) => `url="${origin}${path}"\noutput="${fileOf(into, path)}"\n`;
      writeFileSync(config, paths.map(entry).join(''));
      const how = ['--silent', '--create-dirs', '--parallel', '--parallel-max', String(AT_ONCE)];
      return ['curl', [...how, '--config', config]];
    },
  },
  wget2: {
    command: ({ list, into }) => {
      const how = ['--quiet', '--force-directories', '--no-host-directories', '--no-robots'];
      const many = [`--max-threads=${AT_ONCE}`, `--directory-prefix=${into}`, `--input-file=${list}`];
      return ['wget2', [...how, ...many]];
    },
  },
  'wget -x -i': {
    one: true,
    command: ({ list, into }) => {
      const how = ['--quiet', '--force-directories', '--no-host-directories'];
      return ['wget', [...how, `--directory-prefix=${into}`, `--input-file=${list}`]];
    },
  },
  aria2c: {
    command: ({ into, folder, paths, origin }) => {
      const input = join(folder, 'aria2.txt');
      writeFileSync(input, paths.map((path) => `${origin}${path}\n out=${fileOf('', path)}\n`).join(''));
      const how = [
        '--quiet',
        '--file-allocation=none',
        '--auto-file-renaming=false',
        '--allow-overwrite=true',
      ];
      return ['aria2c', [...how, '-j', '16', '--dir', into, '--input-file', input]];
    },
  },
  'undici, and files': {
    command: ({ list, into }) => [process.execPath, [own('undici.js'), list, into, AT_ONCE]],
  },
  'writing alone': { command: ({ list, into }) => [process.execPath, [own('writing.js'), list, into]] },
};

/** Where a client that must be told puts a page: as a file beside a folder of its name. */
function fileOf(into, path) {
  return `${into}${path.endsWith('/') ? `${path}index.html` : path}`;
}

/** The versions of the programs that are compared with. */
export function peers() {
  return {
    curl: peer('curl', 'curl', '--version'),
    wget: peer('wget', 'wget', '--version'),
    wget2: peer('wget2', 'wget2', '--version'),
    aria2c: peer('aria2c', 'aria2', '--version'),
  };
}
