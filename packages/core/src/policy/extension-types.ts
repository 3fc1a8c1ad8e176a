/** Media types by file extension: the one table that Node and every generated server configuration use. */
import { mimes } from 'mrmime';

/**
 * Where mrmime says something else than `mime-types`, which Express, Fastify and most of the rest ask, or
 * knows nothing of a file that sites do serve.
 */
const corrections: Readonly<Record<string, string>> = {
  '7z': 'application/x-7z-compressed',
  apk: 'application/vnd.android.package-archive',
  avi: 'video/x-msvideo',
  bz2: 'application/x-bzip2',
  deb: 'application/x-debian-package',
  dll: 'application/x-msdownload',
  dmg: 'application/x-apple-diskimage',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  eot: 'application/vnd.ms-fontobject',
  exe: 'application/x-msdos-program',
  flac: 'audio/x-flac',
  ico: 'image/vnd.microsoft.icon',
  iso: 'application/x-iso9660-image',
  kml: 'application/vnd.google-earth.kml+xml',
  kmz: 'application/vnd.google-earth.kmz',
  m3u8: 'application/vnd.apple.mpegurl',
  m4v: 'video/x-m4v',
  mkv: 'video/x-matroska',
  mobi: 'application/x-mobipocket-ebook',
  msi: 'application/x-msdownload',
  odp: 'application/vnd.oasis.opendocument.presentation',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  odt: 'application/vnd.oasis.opendocument.text',
  ppt: 'application/vnd.ms-powerpoint',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  psd: 'image/vnd.adobe.photoshop',
  rar: 'application/vnd.rar',
  rtf: 'application/rtf',
  srt: 'application/x-subrip',
  swf: 'application/x-shockwave-flash',
  tar: 'application/x-tar',
  torrent: 'application/x-bittorrent',
  usdz: 'model/vnd.usdz+zip',
  vcf: 'text/x-vcard',
  wma: 'audio/x-ms-wma',
  wmv: 'video/x-ms-wmv',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  xml: 'application/xml',
  xpi: 'application/x-xpinstall',
  xslt: 'application/xslt+xml',
};

/** Media types by extension, lower case and without the dot, sorted by extension. */
export const extensionTypes: ReadonlyMap<string, string> = new Map(
  Object.entries({ ...mimes, ...corrections }).sort(([a], [b]) => (a < b ? -1 : 1)),
);

/**
 * The extension of a file as nginx reads it: what follows the last dot of the last segment, in lower case.
 * A dot at the very beginning of a name starts none. `''`: there is none.
 */
export function extensionOf(path: string): string {
  const dot = path.lastIndexOf('.');
  if (dot <= 0 || path.charCodeAt(dot - 1) === 0x2f || path.indexOf('/', dot) !== -1) return '';
  return path.slice(dot + 1).toLowerCase();
}
