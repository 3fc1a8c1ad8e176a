/** What a report is written to when its name is no file: pipes, devices, links. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WholeFile } from '../../src/report/whole-file.ts';
import { newFolder } from '../support/folders.ts';

describe('a file that appears whole', () => {
  it('is written behind a link, which stays', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'target'), 'old');
    symlinkSync('target', join(folder, 'link'));
    symlinkSync('to-come', join(folder, 'dangling'));
    for (const name of ['link', 'dangling']) {
      const file = new WholeFile(join(folder, name), 'report');
      file.write('new');
      file.finish();
    }
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('new');
    expect(readFileSync(join(folder, 'to-come'), 'utf8')).toBe('new');
    expect(readdirSync(folder).sort()).toEqual(['dangling', 'link', 'target', 'to-come']);
  });

  it('is a pipe that somebody reads', async () => {
    const pipe = join(newFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(() => new WholeFile(pipe, 'report')).toThrow('cannot be written: nobody reads from this pipe.');
    const reader = spawn('sh', ['-c', 'exec 3<"$0"; cat <&3', pipe], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let read = '';
    reader.stdout.setEncoding('utf8').on('data', (text) => {
      read += text;
    });
    const file = await opened(pipe);
    file.write('of a run');
    file.finish();
    await once(reader, 'close');
    expect(read).toBe('of a run');
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  it('may be in a folder of devices', () => {
    const name = `/dev/shm/pagetree-${process.pid}.json`;
    try {
      for (const text of ['old', 'new']) {
        const file = new WholeFile(name, 'report');
        file.write(text);
        file.finish();
      }
      expect(readFileSync(name, 'utf8')).toBe('new');
    } finally {
      rmSync(name, { force: true });
    }
  });

  it.each([
    ['/dev/stdout', '1>>'],
    ['/dev/stdout', '1>'],
    ['/dev/stderr', '2>'],
    ['link', '1>'],
    ['chain', '2>'],
    ['out', '1>'],
  ])('is what is open already: %s, with %s', (name, into) => {
    const folder = newFolder();
    symlinkSync('/dev/stdout', join(folder, 'link'));
    symlinkSync('/dev/stderr', join(folder, 'to-stderr'));
    symlinkSync('to-stderr', join(folder, 'chain'));
    const node = `import('${new URL('../../dist/report/whole-file.js', import.meta.url)}').then(async ({ WholeFile }) => {
      const file = new WholeFile(process.argv[1], 'report');
      file.write('of a run;');
      await file.finish();
      process.std${into.startsWith('1') ? 'out' : 'err'}.write('of the process;');
    })`;
    const to = into[0];
    const script = `exec ${into}out; echo before >&${to}; ${process.execPath} -e "$0" "$1"; echo after >&${to}`;
    execFileSync('sh', ['-c', script, node, name], { cwd: folder });
    const said = 'before\nof a run;of the process;after\n';
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe(said);
    expect(readdirSync(folder).sort()).toEqual(['chain', 'link', 'out', 'to-stderr']);
  });

  it('is a device', () => {
    const file = new WholeFile('/dev/null', 'report');
    file.write('x');
    file.finish();
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

/** The pipe, as soon as its reader is there. */
async function opened(pipe: string): Promise<WholeFile> {
  for (;;) {
    try {
      return new WholeFile(pipe, 'report');
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
