import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findOrigin } from '../src/plan/find-origin.ts';
import { parseOrigin, splitUrl } from '../src/plan/origin.ts';
import { Plan, planEntry } from '../src/plan/plan.ts';
import { readAhead } from '../src/plan/read-ahead.ts';
import { Seen } from '../src/plan/seen.ts';
import { throughWindow } from '../src/plan/window.ts';
import type { Entry } from '../src/sources/list.ts';

const origin = { href: 'http://127.0.0.1:3000', host: '127.0.0.1:3000' };
const entry = (text: string, number = 1): Entry => ({ text, number, source: 'urls.txt' });

describe('--origin', () => {
  it.each([
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000', '127.0.0.1:3000'],
    ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000', '127.0.0.1:3000'],
    ['HTTP://Example.ORG:80', 'http://example.org', 'example.org'],
    ['https://example.org:443', 'https://example.org', 'example.org'],
    ['http://[::1]:8080', 'http://[::1]:8080', '[::1]:8080'],
  ])('%s is %s', (text, href, host) => {
    expect(parseOrigin('--origin', text)).toEqual({ href, host });
  });

  it.each([
    ['', 'it is empty'],
    ['127.0.0.1:3000', 'it is "127.0.0.1:3000"'],
    ['localhost', 'it is "localhost"'],
    ['ftp://example.org', 'it is "ftp://example.org"'],
    ['unix:/run/app.sock', 'it is "unix:/run/app.sock"'],
    ['http://', 'it is "http://"'],
    ['http://example.org:99999', 'it is "http://example.org:99999"'],
    ['http://example.org\\@evil', 'it is "http://example.org\\@evil"'],
    ['http://example.org/app', 'it has the path "/app" too'],
    ['http://example.org/?a', 'it has the path "/?a" too'],
    ['http://example.org#top', 'it has the path "/#top" too'],
    ['http://user:secret@example.org', 'it has a user name or password in it'],
    ['http://a\x1b[2J/', 'it is "http://a\\u{1b}[2J/"'],
  ])('"%s" is refused: %s', (text, why) => {
    expect(() => parseOrigin('--origin', text)).toThrow(
      `--origin must be the scheme, host and port of the site; ${why}.`,
    );
  });

  it('never repeats a password', () => {
    expect(() => parseOrigin('--origin', 'http://user:secret@host/path')).toThrow(/^(?!.*secret)/);
  });
});

describe('a line', () => {
  it.each([
    ['/', '/'],
    ['/foo/bar', '/foo/bar'],
    ['/a?b', '/a?b'],
    ['/a#b', '/a#b'],
    ['//evil.example/x', '//evil.example/x'],
    ['/caf\u00e9', '/caf%C3%A9'],
    ['/caf%c3%a9', '/caf%c3%a9'],
    ['/\u{1f600}', '/%F0%9F%98%80'],
    ['/a/../b', '/a/../b'],
    ['http://127.0.0.1:3000', '/'],
    ['http://127.0.0.1:3000?q', '/?q'],
    ['HTTP://127.0.0.1:3000/A//b/../c', '/A//b/../c'],
  ])('%s asks for %s, which is never repaired', (text, target) => {
    expect(planEntry(entry(text), origin)).toEqual({
      kind: 'fetch',
      target,
      url: origin.href + target,
      source: 'urls.txt',
      line: 1,
    });
  });

  it.each([
    ['foo', 'bad-line', 'line 1 of urls.txt: neither a path that starts with / nor a URL'],
    ['ftp://127.0.0.1:3000/', 'bad-line', 'line 1 of urls.txt: neither a path that starts with / nor a URL'],
    [
      'http://127.0.0.1:3000\\x/',
      'bad-line',
      'line 1 of urls.txt: neither a path that starts with / nor a URL',
    ],
    ['http://127.0.0.1:3001/', 'other-origin', 'http://127.0.0.1:3001 is not http://127.0.0.1:3000'],
    ['https://127.0.0.1:3000/', 'other-origin', 'https://127.0.0.1:3000 is not http://127.0.0.1:3000'],
    ['http://127.0.0.1/', 'other-origin', 'http://127.0.0.1 is not http://127.0.0.1:3000'],
  ])('%s is not fetched: %s', (text, reason, detail) => {
    expect(planEntry(entry(text), origin)).toMatchObject({
      kind: 'result',
      result: { url: text, outcome: 'refused', reason, detail },
    });
  });

  it('with a password in it is refused, and the password goes nowhere', () => {
    const step = planEntry(entry('http://me:secret@127.0.0.1:3000/x'), origin);
    expect(step).toMatchObject({ result: { url: 'http://127.0.0.1:3000/x', reason: 'bad-line' } });
    expect(JSON.stringify(step)).not.toContain('secret');
    for (const odd of ['http://me:secret@127.0.0.1:99999/x', 'ftp://me:secret@127.0.0.1/x']) {
      expect(JSON.stringify(planEntry(entry(odd), origin))).not.toContain('secret');
    }
  });

  it('never asks another host, whatever it is', () => {
    const hosts = fc.constantFrom('127.0.0.1:3000', 'evil.example', '127.0.0.1:3000@evil', '127.0.0.1:30001');
    fc.assert(
      fc.property(fc.constantFrom('', 'http:', 'HTTPS:'), hosts, fc.string(), (scheme, host, rest) => {
        const step = planEntry(entry(`${scheme}//${host}${rest}`), origin);
        if (step.kind !== 'fetch') return;
        expect(step.target.startsWith('/')).toBe(true);
        expect(step.url).toBe(origin.href + step.target);
      }),
    );
  });
});

describe('a plan', () => {
  it('takes a URL once, however it is written', () => {
    const plan = new Plan(origin);
    const steps = ['/a', 'http://127.0.0.1:3000/a', '/\u00e9', '/%C3%A9', '/b'].map((text) =>
      plan.step(entry(text)),
    );
    expect(steps.map((step) => step?.kind)).toEqual(['fetch', undefined, 'fetch', undefined, 'fetch']);
    expect([plan.listed, plan.duplicates]).toEqual([3, 2]);
  });

  it('keeps what a source knows of a URL', () => {
    const facts = { tags: ['a'], priority: 0.5, lastmod: 1_000 };
    expect(new Plan(origin).step({ ...entry('/a'), ...facts })).toMatchObject(facts);
  });

  it('makes a result of a source that cannot be read', () => {
    const step = planEntry(
      { ...entry('http://a.example/s.xml'), problem: 'is gone', reason: 'bad-source' },
      origin,
    );
    expect(step).toMatchObject({ result: { outcome: 'failed', reason: 'bad-source', detail: 'is gone' } });
  });

  it('takes the other name of the site for the site', () => {
    const plan = new Plan({ ...origin, alias: 'www.example.org' });
    expect(plan.step(entry('https://www.example.org/a'))).toMatchObject({ kind: 'fetch', target: '/a' });
    expect(plan.step(entry('https://www.example.org:8443/b'))).toMatchObject({ kind: 'result' });
  });

  it('does not count a link to a known page as a line that was written twice', () => {
    const plan = new Plan(origin);
    plan.step(entry('/a'));
    expect(plan.discover(entry('/a'))).toBeUndefined();
    expect(plan.discover(entry('/b'))).toMatchObject({ target: '/b' });
    expect([plan.listed, plan.duplicates]).toEqual([2, 0]);
  });

  it('remembers 300,000 long targets in 12 MB', () => {
    const seen = new Seen();
    const before = process.memoryUsage().arrayBuffers;
    const path = 'a-rather-long-path-as-real-sites-have-them'.repeat(3);
    let added = 0;
    for (let page = 0; page < 300_000; page += 1) if (seen.add(`/${path}/${page}`)) added += 1;
    expect(added).toBe(300_000);
    expect(seen.add(`/${path}/77`)).toBe(false);
    expect(seen.size).toBe(300_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(12 << 20);
  });

  it('agrees with a plain set', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 3000 }), (pages) => {
        const seen = new Seen();
        const set = new Set<number>();
        for (const page of pages) {
          expect(seen.add(`/${page}`)).toBe(!set.has(page));
          set.add(page);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('the site of a list without --origin', () => {
  const find = (...lines: string[]) =>
    findOrigin(
      (async function* () {
        for (const [at, text] of lines.entries()) yield entry(text, at + 1);
      })(),
      ['urls.txt'],
      new AbortController().signal,
    );

  it('is that of its first URL, and no line is lost', async () => {
    const found = await find('nonsense', 'http://a.example:81/x', 'http://b.example/');
    expect(found.origin.href).toBe('http://a.example:81');
    expect(found.read.map(({ text }) => text)).toEqual(['nonsense', 'http://a.example:81/x']);
  });

  it('cannot be told from a path', async () => {
    await expect(find('/about')).rejects.toThrow(
      'The list urls.txt has a path in line 1 (/about), and nothing says which site it belongs to.',
    );
  });

  it('is not looked for any longer when the run is stopped', async () => {
    const controller = new AbortController();
    async function* never(): AsyncGenerator<Entry> {
      setImmediate(() => controller.abort());
      await new Promise(() => {});
    }
    const found = findOrigin(never(), ['urls.txt'], controller.signal);
    await expect(found).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('is not looked for in a file that is no list', async () => {
    await expect(find(...Array.from({ length: 5000 }, () => '<xml>'))).rejects.toThrow(
      'The list urls.txt has no URL: line 1 is "<xml>".',
    );
  });
});

describe('the window', () => {
  it('reads ahead of the work by twice what runs at once, and no further', async () => {
    let read = 0;
    let ended = 0;
    let running = 0;
    let widest = 0;
    let ahead = 0;
    async function* items() {
      for (let item = 0; item < 500; item += 1) {
        read += 1;
        ahead = Math.max(ahead, read - ended);
        yield item;
      }
    }
    await throughWindow(items(), 8, new AbortController().signal, async () => {
      running += 1;
      widest = Math.max(widest, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      ended += 1;
    });
    expect(ended).toBe(500);
    expect(widest).toBe(8);
    expect(ahead).toBeLessThanOrEqual(17);
  });

  it('begins nothing after an abort, and waits for what runs', async () => {
    const controller = new AbortController();
    const begun: number[] = [];
    const ended: number[] = [];
    await throughWindow(
      Array.from({ length: 100 }, (_, at) => at),
      2,
      controller.signal,
      async (item) => {
        begun.push(item);
        if (item === 5) controller.abort();
        await new Promise((resolve) => setTimeout(resolve, 1));
        ended.push(item);
      },
    );
    expect(begun.length).toBeLessThan(10);
    expect(ended.sort()).toEqual(begun.sort());
  });

  it('throws the first error when all that runs has ended', async () => {
    let running = 0;
    const work = throughWindow([1, 2, 3, 4, 5, 6], 3, new AbortController().signal, async (item) => {
      running += 1;
      await new Promise((resolve) => setTimeout(resolve, item));
      running -= 1;
      if (item === 2) throw new Error('two');
    });
    await expect(work).rejects.toThrow('two');
    expect(running).toBe(0);
  });

  it('throws at once although the next item never comes', async () => {
    async function* hanging() {
      yield 1;
      await new Promise(() => {});
    }
    const work = throughWindow(hanging(), 3, new AbortController().signal, async () => {
      throw new Error('one');
    });
    await expect(work).rejects.toThrow('one');
  });

  it('throws what the source throws when all that runs has ended', async () => {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    async function* broken() {
      yield 1;
      throw new Error('the disk is gone');
    }
    let running = 0;
    const run = async () => {
      running += 1;
      await ended;
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    // What runs need not wait for anything else from then on.
    const work = throughWindow(broken(), 3, new AbortController().signal, run, end);
    await expect(work).rejects.toThrow('the disk is gone');
    expect(running).toBe(0);
  });

  it('throws what a source throws that is no stream', async () => {
    const broken = {
      [Symbol.iterator]: () => ({
        next: (): IteratorResult<number> => {
          throw new Error('the disk is gone');
        },
      }),
    };
    const work = throughWindow(broken, 3, new AbortController().signal, async () => {});
    await expect(work).rejects.toThrow('the disk is gone');
  });
});

describe('reading ahead', () => {
  const sizeOf = (text: string) => text.length;
  async function* numbers(end: number, seen: { read: number }) {
    for (let at = 0; at < end; at += 1) {
      seen.read += 1;
      yield String(at);
    }
  }

  it('loses nothing, keeps the order, and holds no more than its room', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(3000),
        fc.integer({ min: 1, max: 50 }),
        fc.nat(200),
        async (end, items, characters) => {
          const seen = { read: 0 };
          const taken: string[] = [];
          for await (const item of readAhead(numbers(end, seen), sizeOf, {
            items,
            characters: characters + 1,
          })) {
            taken.push(item);
            expect(seen.read - taken.length).toBeLessThanOrEqual(items);
            if (taken.length % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
          }
          expect(taken).toEqual(Array.from({ length: end }, (_, at) => String(at)));
        },
      ),
      { numRuns: 20 },
    );
  });

  it('knows the whole of a short list before the first item is done', async () => {
    const seen = { read: 0 };
    for await (const _ of readAhead(numbers(1000, seen), sizeOf)) {
      await new Promise((resolve) => setImmediate(resolve));
      expect(seen.read).toBe(1000);
      break;
    }
  });

  it('hands on the highest priority of those that wait, and equals in their order', async () => {
    const priorities = [0, 5, 1, 5, 0, 9];
    async function* items() {
      yield* priorities.map((priority, at) => ({ priority, at }));
    }
    const source = readAhead(
      items(),
      () => 1,
      undefined,
      ({ priority }) => priority,
    );
    const taken = [];
    for await (const { at } of source) taken.push(at);
    expect(taken).toEqual([5, 1, 3, 2, 0, 4]);
  });

  it('sorts as a sort does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1 }), async (priorities) => {
        async function* items() {
          yield* priorities.map((priority, at) => ({ priority, at }));
        }
        const source = readAhead(
          items(),
          () => 1,
          undefined,
          ({ priority }) => priority,
        );
        const first = (await source.next()).value!;
        await new Promise((resolve) => setImmediate(resolve));
        const rest = [];
        for await (const item of source) rest.push(item);
        const sorted = priorities
          .map((priority, at) => ({ priority, at }))
          .filter(({ at }) => at !== first.at)
          .sort((one, other) => other.priority - one.priority || one.at - other.at);
        expect(rest).toEqual(sorted);
      }),
      { numRuns: 50 },
    );
  });

  it('throws what the source throws, after what came before', async () => {
    async function* broken() {
      yield '1';
      throw new Error('the disk is gone');
    }
    const taken: string[] = [];
    const all = async () => {
      for await (const item of readAhead(broken(), sizeOf)) taken.push(item);
    };
    await expect(all()).rejects.toThrow('the disk is gone');
    expect(taken).toEqual(['1']);
  });

  it('can be left while the source hangs', async () => {
    async function* hanging() {
      yield '1';
      await new Promise(() => {});
    }
    for await (const item of readAhead(hanging(), sizeOf)) {
      expect(item).toBe('1');
      break;
    }
  });
});

describe('an absolute URL', () => {
  it('is taken apart as the platform does, where the platform repairs nothing', () => {
    const authority = fc.constantFrom('a.example', 'A.example:8080', '127.0.0.1', '[::1]:3000');
    fc.assert(
      fc.property(authority, fc.webPath(), (host, path) => {
        const url = new URL(`http://${host}${path}`);
        const split = splitUrl(`http://${host}${path}`)!;
        expect(split.origin).toEqual({ href: url.origin, host: url.host });
        expect(split.target).toBe(path.startsWith('/') ? path : `/${path}`);
      }),
    );
  });
});
