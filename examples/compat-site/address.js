/** What `encodeURIComponent` escapes although a path segment may carry it raw (RFC 3986, section 3.3). */
const RAW_IN_A_SEGMENT = /%(?:24|26|2B|2C|3A|3B|3D|40)/g;

/**
 * Spells one key as a path segment in the canonical form of RFC 3986: unreserved characters, sub-delims, `:` and
 * `@` stand raw, all else is percent-encoded UTF-8 with uppercase hex.
 * @param {string} key
 */
export function encodeSegment(key) {
  return encodeURIComponent(key).replace(RAW_IN_A_SEGMENT, decodeURIComponent);
}

/**
 * The path of a feature's page: its keys joined by slashes. Only a section, a feature with one key, is a folder.
 * @param {{ keys: string[] }} feature
 * @example pathOf({ keys: ['api', 'Headers', '@@iterator'] }) // '/api/Headers/@@iterator'
 */
export function pathOf({ keys }) {
  const path = `/${keys.map(encodeSegment).join('/')}`;
  return keys.length === 1 ? `${path}/` : path;
}

/**
 * The canonical spelling of a path as it came in a request, or undefined when it is no path of UTF-8 text.
 * @param {string} path
 */
export function respell(path) {
  try {
    return path.split('/').map(decodeURIComponent).map(encodeSegment).join('/');
  } catch {
    return undefined;
  }
}
