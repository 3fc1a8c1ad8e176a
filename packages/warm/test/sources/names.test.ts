import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { nameSources } from '../../src/sources/name.ts';
import { newFolder } from '../support/folders.ts';
import { readNamed, readWords, textsOf } from './support.ts';

let cwd: string;
beforeEach(() => {
  cwd = newFolder();
  mkdirSync(join(cwd, 'lists'));
  for (const name of ['b', 'a', 'c']) writeFileSync(join(cwd, 'lists', `${name}.txt`), `/${name}\n`);
});

describe('a word on the command line', () => {
  it.each([
    ['/', 'page'],
    ['/about', 'page'],
    ['/blog/post.xml', 'page'],
    ['/no-such-file.txt', 'page'],
    ['/tmp', 'page'],
    ['http://a.example/', 'page'],
    ['http://a.example/about', 'page'],
    ['http://a.example/feedback/form', 'page'],
    ['http://a.example/feedback', 'page'],
    ['http://a.example/contact-feedback', 'page'],
    ['http://a.example/blog/atomic-habits', 'page'],
    ['http://a.example/robots-in-industry', 'page'],
    ['http://a.example/feed.php', 'remote'],
    ['http://a.example/news_rss2/', 'remote'],
    ['http://a.example/sitemap-posts-2', 'remote'],
    ['http://a.example/sitemap.xml', 'remote'],
    ['https://a.example/sitemap_index.xml?lang=de', 'remote'],
    ['https://a.example/s/1.xml.gz', 'remote'],
    ['https://a.example/feed/', 'remote'],
    ['https://a.example/blog/rss', 'remote'],
    ['https://a.example/robots.txt', 'remote'],
    ['-', 'stdin'],
  ])('%s is a %s', async (word, kind) => {
    expect(await nameSources([word])).toEqual([{ kind, name: word }]);
  });

  it('that is a URL is a source when the format is said', async () => {
    expect(await nameSources(['http://a.example/urls'], { remote: true })).toMatchObject([
      { kind: 'remote' },
    ]);
  });

  it('that starts with a slash is a file when there is one', async () => {
    const file = join(cwd, 'lists', 'a.txt');
    expect(await nameSources([file])).toEqual([{ kind: 'file', name: file }]);
  });

  it('that is a mistyped file is not taken for a path', async () => {
    const file = join(cwd, 'lists', 'aa.txt');
    await expect(nameSources([file])).rejects.toThrow(
      `The list ${file} cannot be read: there is no such file.`,
    );
  });

  it('is any kind of file, a pipe too', async () => {
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    symlinkSync('lists/a.txt', join(cwd, 'link'));
    expect(await nameSources([join(cwd, 'pipe'), join(cwd, 'link')])).toMatchObject([
      { kind: 'file' },
      { kind: 'file' },
    ]);
  });

  it('is a path whose results say where it stood', async () => {
    expect((await readWords(['/a', 'http://a.example/b'])).entries).toEqual([
      { text: '/a', number: 1, source: 'arguments' },
      { text: 'http://a.example/b', number: 2, source: 'arguments' },
    ]);
  });
});

describe('a pattern of files', () => {
  const pattern = (end: string) => `${cwd}/${end}`;

  it('that the shell left alone gives the files in the order of their names', async () => {
    const named = await nameSources([pattern('lists/*.txt')]);
    expect(textsOf((await readNamed(named)).entries)).toEqual(['/a', '/b', '/c']);
  });

  it.each([
    ['lists/{c,a}.txt', ['/a', '/c']],
    ['**/*.txt', ['/a', '/b', '/c']],
    ['lists/[!b].txt', ['/a', '/c']],
  ])('%s takes its files', async (end, texts) => {
    expect(textsOf((await readNamed(await nameSources([pattern(end)]))).entries)).toEqual(texts);
  });

  it('takes no folders, and leaves empty files out', async () => {
    mkdirSync(join(cwd, 'lists', 'd.txt'));
    writeFileSync(join(cwd, 'lists', 'e.txt'), '');
    expect(await nameSources([pattern('lists/*.txt')])).toHaveLength(3);
  });

  it('is a name first: a file that is called so is taken', async () => {
    writeFileSync(join(cwd, 'urls[1].txt'), '/one\n');
    expect(textsOf((await readNamed(await nameSources([pattern('urls[1].txt')]))).entries)).toEqual(['/one']);
  });

  it.each([
    ['none/*.txt', 'no file has such a name'],
    [`${'*'.repeat(1100)}.txt`, 'its pattern is longer than 1024 characters'],
  ])('without a file is refused: %.20s', async (end, why) => {
    await expect(nameSources([pattern(end)])).rejects.toThrow(why);
  });
});
