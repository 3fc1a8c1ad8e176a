/** What a name may turn into on a file system that takes two spellings for one. Pure. */

const STEADY = 1;
const UPPER = 2;

/**
 * Characters that most names are made of: those that stay as they are when they are folded, whatever stands beside them, and
 * the capital letters of ASCII. All others (0) take the long way.
 */
const kinds = new Uint8Array(0x1_0000);
kinds.fill(STEADY, 0, 0x80);
kinds.fill(UPPER, 0x41, 0x5b);
// Latin with marks, Cyrillic, kana, the Chinese characters in common use, Hangul syllables.
for (const [from, to] of [
  [0xe0, 0xfe],
  [0x430, 0x45f],
  [0x3041, 0x3096],
  [0x30a1, 0x30fe],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
] as const) {
  kinds.fill(STEADY, from, to + 1);
}

/**
 * The coarsest reading of a name that a file system is known to have: without case (NTFS, APFS, HFS+, ext4 with
 * casefold), without compatibility forms (ZFS with `normalization=formKD`) and without invisible characters
 * (HFS+, ext4 with casefold). Rules about names compare folded names, so that `Index.HTML`, `．git` and
 * `a.p\u200Bhp` are what such a system makes of them.
 */
export function fold(name: string): string {
  let isLower = true;
  let isAscii = true;
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    const kind = kinds[code];
    if (kind === 0) return foldAny(name);
    if (kind === UPPER) isLower = false;
    if (code > 0x7f) isAscii = false;
  }
  if (isLower) return name;
  return isAscii ? name.toLowerCase() : foldAny(name);
}

function foldAny(name: string): string {
  const visible = name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  return visible.toUpperCase().toLowerCase().normalize('NFKC');
}
