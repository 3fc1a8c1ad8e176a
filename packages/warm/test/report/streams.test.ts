/** What a report is written to when its name is no file: pipes, devices, links. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WholeFile } from '../../src/report/whole-file.ts';
import { run } from '../support/bins.ts';
import { newFolder } from '../support/folders.ts';
import { startOrigin } from '../support/origin.ts';

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

  it('is to come behind links from other folders, and links to links, which stay', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'real', 'dir'), { recursive: true });
    symlinkSync(join('real', 'dir'), join(folder, 'short'));
    symlinkSync('../out', join(folder, 'real', 'dir', 'up'));
    symlinkSync('b', join(folder, 'a'));
    symlinkSync(join(folder, 'short', '..', 'c'), join(folder, 'b'));
    // As text, `..` would lead back into the folder of the link.
    symlinkSync('short/../d', join(folder, 'e'));
    const targets = { 'short/up': 'real/out', a: 'c', e: 'real/d' };
    for (const [name, target] of Object.entries(targets)) {
      for (const text of ['first', 'second']) {
        const file = new WholeFile(join(folder, name), 'report');
        file.write(text);
        await file.finish();
        expect(lstatSync(join(folder, name)).isSymbolicLink()).toBe(true);
        expect(readFileSync(join(folder, target), 'utf8')).toBe(text);
      }
    }
    expect(readdirSync(folder).sort()).toEqual(['a', 'b', 'c', 'e', 'real', 'short']);
    expect(readdirSync(join(folder, 'real')).sort()).toEqual(['d', 'dir', 'out']);
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
    await file.finish();
    await once(reader, 'close');
    expect(read).toBe('of a run');
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  it('is a pipe that is read late: whoever makes more waits, and no byte is lost', async () => {
    const { pipe, reader, go } = late();
    const read: Buffer[] = [];
    reader.stdout.on('data', (bytes: Buffer) => read.push(bytes));
    const file = await opened(pipe);
    const line = `${'ä€😀x'.repeat(100)}\n`;
    for (let at = 0; at < 4000; at += 1) file.write(line);
    const controller = new AbortController();
    const room = Promise.all([file.room(controller.signal), file.room(controller.signal)]);
    expect(await Promise.race([room, new Promise((resolve) => setImmediate(resolve, 'full'))])).toBe('full');
    go();
    await room;
    await file.room(controller.signal);
    await file.finish();
    await once(reader, 'close');
    expect(Buffer.concat(read).equals(Buffer.from(line.repeat(4000)))).toBe(true);
  });

  it('is a pipe that is read slowly, for as long as something is read', async () => {
    const pipe = join(newFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    // What no pipe has room for takes longer than nobody may read.
    const slowly = 'for at in 1 2 3 4 5 6 7 8; do dd bs=8192 count=1 <&3 2>&-; sleep 1; done; exec cat <&3';
    const reader = spawn('sh', ['-c', `exec 3<"$0"; ${slowly}`, pipe], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let read = 0;
    reader.stdout.on('data', ({ length }: Buffer) => {
      read += length;
    });
    const file = await opened(pipe);
    file.write('x'.repeat(128 * 1024));
    await file.finish();
    await once(reader, 'close');
    expect(read).toBe(128 * 1024);
  });

  it('is a pipe whose reader stands still, or goes away', async () => {
    const { pipe, reader } = late();
    const file = await opened(pipe);
    const other = await opened(pipe);
    for (const one of [file, other]) one.write('x'.repeat(4_000_000));
    const controller = new AbortController();
    const room = file.room(controller.signal);
    controller.abort();
    await room;
    await expect(file.finish()).rejects.toMatchObject({
      code: 'ERR_PAGETREE_REPORT',
      message: `The report ${pipe} cannot be written: nobody has read from this pipe for 5 s.`,
    });
    const gone = other.room(new AbortController().signal);
    reader.kill('SIGKILL');
    await gone;
    await expect(other.finish()).rejects.toThrow('EPIPE');
  });

  it('does not hold a run that is stopped while nobody reads', async () => {
    // Open before anybody writes, since its reader could write itself.
    const { pipe, reader } = late('<>');
    const origin = await startOrigin();
    try {
      const cwd = newFolder();
      // More than a pipe has room for.
      const paths = Array.from({ length: 600 }, (_, at) => `/${'x'.repeat(240)}/${at}`);
      writeFileSync(
        join(cwd, 'urls.txt'),
        [...paths, '/last', ...paths.map((path) => `${path}/b`)].join('\n'),
      );
      await once(reader.stderr, 'data');
      let child: ChildProcess | undefined;
      origin.routes['/last'] = (response) => {
        child!.kill('SIGTERM');
        response.writeHead(404).end();
      };
      const args = ['urls.txt', '--cache-dir', 'cache', '--origin', origin.url, '--variants', 'none'];
      const watch = (started: ChildProcess) => {
        child = started;
      };
      const ran = await run('cache-warm', [...args, '--changes', pipe], { cwd, watch });
      expect(ran).toMatchObject({ code: 2, stdout: expect.stringMatching(/^Stopped/) });
      expect(ran.stderr).toContain('cannot be written: nobody has read from this pipe for 5 s.');
    } finally {
      reader.kill('SIGKILL');
      await origin.close();
    }
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

  it.skipIf(!canMount())('is written when it is mounted by itself, and nothing is left beside it', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'theirs'), `old ${'x'.repeat(600_000)}`);
    chmodSync(join(folder, 'theirs'), 0o640);
    mkdirSync(join(folder, 'here'));
    writeFileSync(join(folder, 'here', 'r.json'), '');
    const node = `import('${new URL('../../dist/report/whole-file.js', import.meta.url)}').then(async ({ WholeFile }) => {
      const file = new WholeFile('here/r.json', 'report');
      for (let at = 0; at < 100; at += 1) file.write('line '.repeat(1000) + at + ';');
      await file.finish();
    })`;
    const script = 'mount --bind theirs here/r.json && exec "$0" -e "$1"';
    execFileSync('unshare', ['-rm', 'sh', '-c', script, process.execPath, node], { cwd: folder });
    const lines = Array.from({ length: 100 }, (_, at) => `${'line '.repeat(1000)}${at};`);
    expect(readFileSync(join(folder, 'theirs'), 'utf8')).toBe(lines.join(''));
    expect(statSync(join(folder, 'theirs')).mode & 0o777).toBe(0o640);
    expect(readdirSync(join(folder, 'here'))).toEqual(['r.json']);
  });

  it('leaves nothing beside it when it cannot be put in its place', async () => {
    const folder = newFolder();
    const file = new WholeFile(join(folder, 'r.json'), 'report');
    file.write('new');
    mkdirSync(join(folder, 'r.json'));
    await expect(file.finish()).rejects.toMatchObject({ code: 'ERR_PAGETREE_REPORT' });
    expect(readdirSync(folder)).toEqual(['r.json']);
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

/** Whether this user may mount something, in a namespace of its own. */
function canMount(): boolean {
  return spawnSync('unshare', ['-rm', 'sh', '-c', 'mount --bind /tmp /tmp']).status === 0;
}

/** A pipe that is open at its other end, where nobody reads before `go`. */
function late(how: '<' | '<>' = '<') {
  const pipe = join(newFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = spawn('sh', ['-c', `exec 3${how}"$0"; echo open >&2; read line; exec cat <&3`, pipe]);
  return { pipe, reader, go: () => reader.stdin.end('go\n') };
}

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
