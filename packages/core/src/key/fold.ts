/** What a name may turn into on a file system that takes two spellings for one. Pure. */

/**
 * The coarsest reading of a name that a file system is known to have: without case (NTFS, APFS, HFS+, ext4 with
 * casefold), without compatibility forms (ZFS with `normalization=formKD`) and without invisible characters
 * (HFS+, ext4 with casefold). Rules about names compare folded names, so that `Index.HTML`, `．git` and
 * `a.p\u200Bhp` are what such a system makes of them.
 */
export function fold(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range.
  if (/^[\x00-\x7F]*$/.test(name)) return name.toLowerCase();
  const visible = name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  return visible.toUpperCase().toLowerCase().normalize('NFKC');
}
