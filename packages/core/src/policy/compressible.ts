/** Which types are worth a compressed variant. Pure. */
import { isTextual } from './media-type.ts';

/** Types that are not text and yet shrink: bitmaps, fonts and programs without a compression of their own. */
const others: ReadonlySet<string> = new Set([
  'application/wasm',
  'application/vnd.ms-fontobject',
  'application/x-font-ttf',
  'font/otf',
  'font/ttf',
  'image/bmp',
  'image/vnd.microsoft.icon',
  'image/x-icon',
]);

/** Whether bodies of a media type shrink enough to keep variants of them. */
export function isCompressible(mediaType: string): boolean {
  return isTextual(mediaType) || others.has(mediaType);
}
