/**
 * A file system in memory behind the `Io` contract, as POSIX has it: names lead to inodes, an open file outlives its
 * name, and every call is one atomic step. Checked against the real one in `memory-io.test.ts`.
 */
import type { Entry, EntryKind, Facts, Io } from '../../src/store/io.ts';

interface Inode {
  readonly ino: number;
  kind: 'file' | 'folder' | 'link';
  mode: number;
  mtimeMs: number;
  ctimeMs: number;
  bytes: Buffer;
  /** Of a folder. */
  readonly names: Map<string, Inode>;
  /** Of a link. */
  target: string;
}

interface OpenFile {
  readonly inode: Inode;
  readonly reads: boolean;
}

function fail(code: string, syscall: string, path: string): never {
  throw Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, syscall, path });
}

/** One line of what `lines` tells of a tree. */
export interface Line {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  readonly bytes: Buffer;
  readonly mtimeMs: number;
}

/** A file system in memory. Every call is synchronous. */
export class MemoryFs implements Io {
  /** The clock of the file system, in milliseconds. */
  clock = 1_700_000_000_000;
  /** Called when a write falls on an open file, so that an observer may know. */
  root: Inode;
  readonly #open = new Map<number, OpenFile>();
  #inos = 1;
  #fds = 10;

  constructor() {
    this.root = this.#make('folder', 0o755);
  }

  /** A deep copy without the open files. */
  clone(): MemoryFs {
    const copy = new MemoryFs();
    copy.clock = this.clock;
    const seen = new Map<Inode, Inode>();
    const copied = (inode: Inode): Inode => {
      const known = seen.get(inode);
      if (known) return known;
      const made: Inode = { ...inode, names: new Map() };
      seen.set(inode, made);
      for (const [name, child] of inode.names) made.names.set(name, copied(child));
      return made;
    };
    copy.root = copied(this.root);
    copy.#inos = this.#inos;
    return copy;
  }

  /** How many files are open. */
  get openFiles(): number {
    return this.#open.size;
  }

  /** Everything below a folder, in the order of names. */
  *lines(folder: string): Generator<Line> {
    const inode = this.#find(folder, 'lines', true);
    yield* this.#below(inode, '');
  }

  *#below(folder: Inode, prefix: string): Generator<Line> {
    for (const name of [...folder.names.keys()].sort()) {
      const inode = folder.names.get(name)!;
      const path = prefix + name;
      yield { path, kind: inode.kind, bytes: inode.bytes, mtimeMs: inode.mtimeMs };
      if (inode.kind === 'folder') yield* this.#below(inode, `${path}/`);
    }
  }

  #make(kind: Inode['kind'], mode: number): Inode {
    return {
      ino: this.#inos++,
      kind,
      mode,
      mtimeMs: this.clock,
      ctimeMs: this.clock,
      bytes: Buffer.alloc(0),
      names: new Map(),
      target: '',
    };
  }

  /** The folder and the last name of a path. */
  #parent(path: string, syscall: string, hops = 0): { folder: Inode; name: string; trailing: boolean } {
    const trailing = path.length > 1 && path.endsWith('/');
    const names = path.split('/').filter((name) => name !== '');
    const name = names.pop() ?? '';
    let folder = this.root;
    let at = '';
    for (const step of names) {
      at += `/${step}`;
      let next = folder.names.get(step);
      if (next?.kind === 'link') next = this.#follow(next, at, path, syscall, hops);
      if (!next) fail('ENOENT', syscall, path);
      if (next.kind !== 'folder') fail('ENOTDIR', syscall, path);
      folder = next;
    }
    return { folder, name, trailing };
  }

  #follow(link: Inode, at: string, path: string, syscall: string, hops: number): Inode {
    if (hops > 8) fail('ELOOP', syscall, path);
    const to = link.target.startsWith('/')
      ? link.target
      : `${at.slice(0, at.lastIndexOf('/'))}/${link.target}`;
    return this.#find(to, syscall, true, hops + 1);
  }

  #find(path: string, syscall: string, follow: boolean, hops = 0): Inode {
    const { folder, name, trailing } = this.#parent(path, syscall, hops);
    let inode = name === '' ? folder : folder.names.get(name);
    if (inode?.kind === 'link' && (follow || trailing))
      inode = this.#follow(inode, path, path, syscall, hops);
    if (!inode) fail('ENOENT', syscall, path);
    if (trailing && inode.kind !== 'folder') fail('ENOTDIR', syscall, path);
    return inode;
  }

  #fd(inode: Inode, reads: boolean): number {
    const fd = this.#fds++;
    this.#open.set(fd, { inode, reads });
    return fd;
  }

  #opened(fd: number, syscall: string): OpenFile {
    return this.#open.get(fd) ?? fail('EBADF', syscall, `fd ${fd}`);
  }

  #changed(folder: Inode): void {
    folder.mtimeMs = this.clock;
    folder.ctimeMs = this.clock;
  }

  #facts(inode: Inode): Facts {
    const { ino, mode, mtimeMs, ctimeMs, kind } = inode;
    const size = kind === 'folder' ? 4096 : kind === 'link' ? inode.target.length : inode.bytes.length;
    return {
      kind: kind === 'link' ? 'other' : kind,
      size,
      mtimeMs,
      ctimeMs,
      ino,
      mode,
      isLink: kind === 'link',
    };
  }

  openRead(path: string): number {
    const inode = this.#find(path, 'open', false);
    if (inode.kind === 'link') fail('ELOOP', 'open', path);
    return this.#fd(inode, true);
  }

  create(path: string, mode: number): number {
    const { folder, name } = this.#parent(path, 'open');
    if (folder.names.has(name)) fail('EEXIST', 'open', path);
    const inode = this.#make('file', mode);
    folder.names.set(name, inode);
    this.#changed(folder);
    return this.#fd(inode, false);
  }

  write(fd: number, bytes: Uint8Array, position: number): void {
    const { inode, reads } = this.#opened(fd, 'write');
    if (reads) fail('EBADF', 'write', `fd ${fd}`);
    const grown = Buffer.alloc(Math.max(inode.bytes.length, position + bytes.length));
    inode.bytes.copy(grown);
    grown.set(bytes, position);
    inode.bytes = grown;
    inode.mtimeMs = this.clock;
  }

  append(path: string, text: string, mode: number): void {
    const { folder, name } = this.#parent(path, 'open');
    let inode = folder.names.get(name);
    if (inode?.kind === 'folder') fail('EISDIR', 'open', path);
    if (inode?.kind === 'link') fail('ELOOP', 'open', path);
    if (!inode) {
      inode = this.#make('file', mode);
      folder.names.set(name, inode);
      this.#changed(folder);
    }
    inode.bytes = Buffer.concat([inode.bytes, Buffer.from(text)]);
    inode.mtimeMs = this.clock;
  }

  read(fd: number, size: number, position = 0): Buffer {
    const { inode, reads } = this.#opened(fd, 'read');
    if (!reads) fail('EBADF', 'read', `fd ${fd}`);
    if (inode.kind === 'folder') fail('EISDIR', 'read', `fd ${fd}`);
    return Buffer.from(inode.bytes.subarray(position, position + size));
  }

  fstat(fd: number): Facts {
    return this.#facts(this.#opened(fd, 'fstat').inode);
  }

  lstat(path: string): Facts {
    return this.#facts(this.#find(path, 'lstat', false));
  }

  peek(path: string): Facts | undefined {
    try {
      return this.lstat(path);
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
  }

  utimes(path: string, seconds: number): void {
    const inode = this.#find(path, 'utime', true);
    inode.mtimeMs = seconds * 1000;
    inode.ctimeMs = this.clock;
  }

  fchmod(fd: number, mode: number): void {
    this.#opened(fd, 'fchmod').inode.mode = mode;
  }

  chmod(path: string, mode: number): void {
    this.#find(path, 'chmod', true).mode = mode;
  }

  fdatasync(fd: number): void {
    this.#opened(fd, 'fdatasync');
  }

  close(fd: number): void {
    this.#opened(fd, 'close');
    this.#open.delete(fd);
  }

  rename(from: string, to: string): void {
    const source = this.#parent(from, 'rename');
    const target = this.#parent(to, 'rename');
    const inode = source.folder.names.get(source.name);
    if (!inode) fail('ENOENT', 'rename', from);
    if (inode.kind !== 'folder' && (source.trailing || target.trailing)) fail('ENOTDIR', 'rename', from);
    const there = target.folder.names.get(target.name);
    if (inode.kind === 'folder' && this.#holds(inode, target.folder)) fail('EINVAL', 'rename', from);
    if (there && this.#holds(there, source.folder)) fail('ENOTEMPTY', 'rename', from);
    if (there === inode) return;
    if (there) {
      if (inode.kind === 'folder' && there.kind !== 'folder') fail('ENOTDIR', 'rename', from);
      if (inode.kind !== 'folder' && there.kind === 'folder') fail('EISDIR', 'rename', from);
      if (there.names.size > 0) fail('ENOTEMPTY', 'rename', from);
    }
    source.folder.names.delete(source.name);
    target.folder.names.set(target.name, inode);
    inode.ctimeMs = this.clock;
    this.#changed(source.folder);
    this.#changed(target.folder);
  }

  #holds(folder: Inode, inode: Inode): boolean {
    if (folder === inode) return true;
    for (const child of folder.names.values()) {
      if (child.kind === 'folder' && this.#holds(child, inode)) return true;
    }
    return false;
  }

  link(from: string, to: string): void {
    const inode = this.#find(from, 'link', false);
    const { folder, name } = this.#parent(to, 'link');
    if (folder.names.has(name)) fail('EEXIST', 'link', from);
    if (inode.kind === 'folder') fail('EPERM', 'link', from);
    folder.names.set(name, inode);
    this.#changed(folder);
  }

  /** Makes a symbolic link; not part of the contract. */
  symlink(target: string, path: string): void {
    const { folder, name } = this.#parent(path, 'symlink');
    if (folder.names.has(name)) fail('EEXIST', 'symlink', path);
    const inode = this.#make('link', 0o777);
    inode.target = target;
    folder.names.set(name, inode);
  }

  unlink(path: string): void {
    const { folder, name } = this.#parent(path, 'unlink');
    const inode = folder.names.get(name);
    if (!inode) fail('ENOENT', 'unlink', path);
    if (inode.kind === 'folder') fail('EISDIR', 'unlink', path);
    folder.names.delete(name);
    this.#changed(folder);
  }

  mkdir(path: string, mode: number): void {
    const { folder, name } = this.#parent(path, 'mkdir');
    if (name === '' || folder.names.has(name)) fail('EEXIST', 'mkdir', path);
    folder.names.set(name, this.#make('folder', mode));
    this.#changed(folder);
  }

  rmdir(path: string): void {
    const { folder, name } = this.#parent(path, 'rmdir');
    const inode = folder.names.get(name);
    if (!inode) fail('ENOENT', 'rmdir', path);
    if (inode.kind !== 'folder') fail('ENOTDIR', 'rmdir', path);
    if (inode.names.size > 0) fail('ENOTEMPTY', 'rmdir', path);
    folder.names.delete(name);
    this.#changed(folder);
  }

  realpath(path: string): string {
    this.#find(path, 'realpath', true);
    let real = '';
    for (const name of path.split('/').filter((step) => step !== '')) {
      const inode = this.#find(`${real}/${name}`, 'realpath', false);
      if (inode.kind !== 'link') real = `${real}/${name}`;
      else real = this.realpath(inode.target.startsWith('/') ? inode.target : `${real}/${inode.target}`);
    }
    return real === '' ? '/' : real;
  }

  syncFolder(path: string): void {
    this.#find(path, 'open', true);
  }

  names(path: string): string[] {
    const inode = this.#find(path, 'scandir', true);
    if (inode.kind !== 'folder') fail('ENOTDIR', 'scandir', path);
    return [...inode.names.keys()];
  }

  /** The entries as they are when the reading begins, as a small folder comes from the kernel in one piece. */
  listing(path: string): Entry[] {
    const inode = this.#find(path, 'opendir', true);
    if (inode.kind !== 'folder') fail('ENOTDIR', 'opendir', path);
    return [...inode.names].map(([name, { kind }]): Entry => {
      const shown: EntryKind = kind === 'link' ? 'other' : kind;
      return { name, kind: shown };
    });
  }

  async *entries(path: string): AsyncGenerator<Entry> {
    yield* this.listing(path);
  }
}
