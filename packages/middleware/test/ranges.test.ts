/** Ranges of a hit: single, several, If-Range, 416; of small pages from memory, of large ones streamed. */
import { describe, expect, it } from 'vitest';
import { type Site, site } from './support/site.ts';
import type { Wire } from './support/wire.ts';

const small = Buffer.from('0123456789');
const large = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7 + (at >> 8)) % 251));

async function two(): Promise<Site> {
  const made = await site(() => (_, res) => res.writeHead(500).end());
  made.server.removeAllListeners('request');
  made.server.on('request', (req, res) => made.pages(req, res, () => res.writeHead(404).end('application')));
  await made.put('small.png', small);
  await made.put('large.png', large);
  return made;
}

/** The parts of a multipart answer: what each says it is, and its bytes. */
function partsOf({ headers, body }: Wire): [range: string | undefined, bytes: Buffer][] {
  const boundary = /^multipart\/byteranges; boundary=(\S+)$/.exec(headers['content-type']!)![1]!;
  const text = body.toString('latin1');
  const [first, ...rest] = text.split(`\r\n--${boundary}`);
  expect(first).toBe('');
  expect(rest.pop()).toBe('--\r\n');
  return rest.map((part) => {
    const at = part.indexOf('\r\n\r\n');
    expect(part.slice(0, at)).toContain('Content-Type: image/png');
    return [/Content-Range: (.*)/.exec(part)?.[1], Buffer.from(part.slice(at + 4), 'latin1')];
  });
}

describe('a range of a hit', () => {
  for (const [field, range, bytes] of [
    ['bytes=0-3', 'bytes 0-3/10', '0123'],
    ['bytes=4-', 'bytes 4-9/10', '456789'],
    ['bytes=-2', 'bytes 8-9/10', '89'],
    ['bytes=8-100', 'bytes 8-9/10', '89'],
    ['bytes=-100', 'bytes 0-9/10', '0123456789'],
  ] as const) {
    it(`small, ${field}`, async () => {
      const made = await two();
      const part = await made.ask('/small.png', [`Range: ${field}`]);
      expect(part).toMatchObject({ status: 206, text: bytes });
      expect(part.headers).toMatchObject({
        'content-range': range,
        'content-length': `${bytes.length}`,
        'content-type': 'image/png',
        'cache-status': 'pagetree; hit',
      });
    });
  }

  for (const [field, start, end] of [
    ['bytes=0-0', 0, 0],
    ['bytes=70000-140000', 70_000, 140_000],
    ['bytes=-1', 199_999, 199_999],
    ['bytes=100-', 100, 199_999],
  ] as const) {
    it(`large, ${field}`, async () => {
      const made = await two();
      const part = await made.ask('/large.png', [`Range: ${field}`]);
      expect(part.headers['content-range']).toBe(`bytes ${start}-${end}/200000`);
      expect(part.body.equals(large.subarray(start, end + 1))).toBe(true);
    });
  }

  it('several of a small page, in the order asked for', async () => {
    const made = await two();
    const answer = await made.ask('/small.png', ['Range: bytes=6-7, 0-1,-1']);
    expect(answer).toMatchObject({ status: 206, whole: true });
    expect(partsOf(answer).map(([range, bytes]) => [range, bytes.toString()])).toEqual([
      ['bytes 6-7/10', '67'],
      ['bytes 0-1/10', '01'],
      ['bytes 9-9/10', '9'],
    ]);
  });

  it('several of a large page, streamed', async () => {
    const made = await two();
    const answer = await made.ask('/large.png', ['Range: bytes=1-2, 65530-131080, 199998-']);
    expect(answer).toMatchObject({ status: 206, whole: true });
    const parts = partsOf(answer);
    expect(parts.map(([range]) => range)).toEqual([
      'bytes 1-2/200000',
      'bytes 65530-131080/200000',
      'bytes 199998-199999/200000',
    ]);
    expect(Buffer.concat(parts.map(([, bytes]) => bytes))).toEqual(
      Buffer.concat([large.subarray(1, 3), large.subarray(65_530, 131_081), large.subarray(199_998)]),
    );
  });

  it('several of a large page in another order: the page', async () => {
    const made = await two();
    const answer = await made.ask('/large.png', ['Range: bytes=199998-, 1-2']);
    expect(answer.status).toBe(200);
    expect(answer.body.equals(large)).toBe(true);
  });

  it('outside of the page: 416', async () => {
    const made = await two();
    for (const path of ['/small.png', '/large.png']) {
      const answer = await made.ask(path, ['Range: bytes=300000-']);
      expect(answer).toMatchObject({ status: 416, text: '' });
      expect(answer.headers['content-range']).toMatch(/^bytes \*\/(10|200000)$/);
    }
  });

  it('nonsense, another unit, and HEAD: the page', async () => {
    const made = await two();
    for (const field of ['bytes=3-1', 'lines=0-1', 'bytes=', 'bytes=a-b']) {
      expect(await made.ask('/small.png', [`Range: ${field}`])).toMatchObject({
        status: 200,
        text: '0123456789',
      });
    }
    expect(await made.ask('/small.png', ['Range: bytes=0-1'], 'HEAD')).toMatchObject({ status: 200 });
  });

  it('If-Range with the validator of this version, and of another one', async () => {
    const made = await two();
    const { etag, 'last-modified': modified } = (await made.ask('/small.png')).headers;
    for (const validator of [etag, modified]) {
      const answer = await made.ask('/small.png', ['Range: bytes=0-1', `If-Range: ${validator}`]);
      expect(answer).toMatchObject({ status: 206, text: '01' });
    }
    expect((await made.ask('/small.png', ['Range: bytes=0-1', 'If-Range: "old"'])).text).toBe('0123456789');
  });

  it('of a page that is not stored passes, and stores nothing', async () => {
    const made = await two();
    const answer = await made.ask('/none', ['Range: bytes=0-1']);
    expect(answer.text).toBe('application');
    expect(answer.headers['cache-status']).toBe('pagetree; fwd=uri-miss; detail=range');
    expect(await made.files()).toEqual(['large.png', 'small.png']);
  });
});
