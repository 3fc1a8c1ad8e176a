/** Asks two servers the same, and says in what their answers differ. */
import { exchange, parse, request, type Wire } from '../../packages/middleware/test/support/wire.ts';
import type { Asked } from './corpus.ts';

/** What clients go by. */
const fieldsThatMatter = [
  'content-type',
  'content-length',
  'content-encoding',
  'content-range',
  'accept-ranges',
  'etag',
  'last-modified',
  'vary',
] as const;

/** What may differ. */
export type Aspect = 'status' | 'body' | (typeof fieldsThatMatter)[number];

/** The two answers to one request. */
export interface Compared {
  readonly asked: Asked;
  readonly nginx: Wire;
  readonly node: Wire;
  readonly aspects: readonly Aspect[];
}

/** The validators of a page, and of its gzip variant where it has one. */
export interface Validators {
  readonly etag: string;
  readonly gzip: string;
  readonly modified: string;
}

export function bytesOf({ page, method, version, fields }: Asked, validators: Validators): string {
  const lines = fields.map(([name, value]) => `${name}: ${filledIn(value, validators)}`);
  return request(page, [...lines, 'Connection: close'], method, version);
}

function filledIn(value: string, { etag, gzip, modified }: Validators): string {
  const shifted = (seconds: number): string => new Date(Date.parse(modified) + seconds * 1000).toUTCString();
  return value
    .replace('ETAG', etag)
    .replace('GZTAG', gzip)
    .replace('DATE', modified)
    .replace('EARLIER', shifted(-3600))
    .replace('LATER', shifted(3600));
}

export async function compare(
  asked: Asked,
  ports: { readonly nginx: number; readonly node: number },
  validators: Validators,
): Promise<Compared> {
  const bytes = bytesOf(asked, validators);
  const [nginx, node] = await Promise.all(
    [ports.nginx, ports.node].map(async (port) =>
      withoutBoundary(parse(await exchange(port, bytes), asked.method)),
    ),
  );
  const aspects: Aspect[] = [];
  if (nginx!.status !== node!.status) aspects.push('status');
  for (const name of fieldsThatMatter) {
    if (nginx!.headers[name] !== node!.headers[name]) aspects.push(name);
  }
  if (!nginx!.body.equals(node!.body)) aspects.push('body');
  return { asked, nginx: nginx!, node: node!, aspects };
}

/** The boundary of several parts is by chance, and of one length. */
function withoutBoundary(wire: Wire): Wire {
  const boundary = /boundary=(\S+)/.exec(wire.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) return wire;
  const without = (text: string): string => text.replaceAll(boundary, '*');
  return {
    ...wire,
    headers: { ...wire.headers, 'content-type': without(wire.headers['content-type']!) },
    body: Buffer.from(without(wire.body.toString('latin1')), 'latin1'),
  };
}
