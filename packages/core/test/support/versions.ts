/** Pages that say which version they are. */

/** Longer than the smallest body that gets variants, and shorter. */
const SIZE = 1100;
const SMALL_SIZE = 100;

/** A body that was found whole. */
export interface Whole {
  readonly key: string;
  readonly version: string;
}

/** The body of one version of one page, which says so in every byte. Those that begin with `p` have no variants. */
export function bodyOf(key: string, version: string): Buffer {
  return Buffer.alloc(version.startsWith('p') ? SMALL_SIZE : SIZE, `${key} ${version};`);
}

/** The stand-in for a compressed body: it says which version it was made from. */
export function variantOf(bytes: Uint8Array): Buffer {
  return Buffer.from(`small ${Buffer.from(bytes).toString('latin1', 0, 64).split(';')[0]}`);
}

/** Reads a body back; `undefined` when it is not one whole version. */
export function readWhole(bytes: Buffer): Whole | undefined {
  const [key, version] = bytes.toString('latin1', 0, 64).split(';')[0]!.split(' ');
  if (key === undefined || version === undefined) return undefined;
  return bytes.equals(bodyOf(key, version)) ? { key, version } : undefined;
}
