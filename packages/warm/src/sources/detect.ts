import { WarmError } from '../errors.ts';
import { parseLogLine } from './access-log.ts';
import { notUtf8, withoutMark } from './lines.ts';

/** What a source is written in. `xml` is a sitemap, a sitemap index, RSS or Atom: the root element tells. */
export type Format = 'text' | 'ndjson' | 'json' | 'xml' | 'log' | 'robots';

/** The words that `--format` takes. */
export const formatNames = ['auto', 'text', 'ndjson', 'json', 'sitemap', 'feed', 'log', 'robots'] as const;
export type FormatName = (typeof formatNames)[number];

/** How many bytes of a source are looked at to tell its format: at least one line of a log. */
export const headBytes = 64 * 1024;

/** How many lines that say something are looked at. */
const fewLines = 5;

/** The reader that a word of `--format` means; `undefined` for `auto`. */
export function namedFormat(name: FormatName): Format | undefined {
  if (name === 'auto') return undefined;
  return name === 'sitemap' || name === 'feed' ? 'xml' : name;
}

/**
 * Tells the format of a source by how it begins. What looks like nothing else is a text list. Pure.
 *
 * @throws {WarmError} for UTF-16, and for a page of HTML, which is no list.
 */
export function detectFormat(head: Buffer): Format {
  if (isBareUtf16(head)) throw notUtf8();
  const text = withoutMark(head).toString('utf8').trimStart();
  if (text.startsWith('<')) {
    if (isHtml(text)) throw notAList();
    return 'xml';
  }
  // Comments may stand above everything but XML and JSON arrays.
  const lines = firstLines(text);
  const [line = ''] = lines;
  // The first line of a log may have been cut, and begin with anything.
  if (lines.some((one) => parseLogLine(one) !== undefined)) return 'log';
  if (line.startsWith('{') || line.startsWith('"')) return 'ndjson';
  if (text.startsWith('[')) return 'json';
  if (/^(user-agent|sitemap|disallow|allow)[ \t]*:/i.test(line)) return 'robots';
  return 'text';
}

/** UTF-16 without a mark: of each of the first letters, one byte is NUL. */
function isBareUtf16(head: Buffer): boolean {
  if (head.length < 4) return false;
  const nul = [...head.subarray(0, 4)].map((byte) => byte === 0);
  return nul[0] !== nul[1] && nul[0] === nul[2] && nul[1] === nul[3];
}

function isHtml(text: string): boolean {
  return /^<(?:!doctype\s+html|html|head|body|title|meta)\b/i.test(behindPrologue(text));
}

/** What comes after an XML declaration and comments. */
function behindPrologue(text: string): string {
  let rest = text;
  for (;;) {
    const end = rest.startsWith('<!--') ? '-->' : rest.startsWith('<?') ? '?>' : undefined;
    const at = end === undefined ? -1 : rest.indexOf(end);
    if (end === undefined || at === -1) return rest;
    rest = rest.slice(at + end.length).trimStart();
  }
}

/** The first lines that say something, as many as are looked at. */
function firstLines(text: string): string[] {
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const said = line.trim();
    if (said !== '' && !said.startsWith('#')) found.push(said);
    if (found.length === fewLines) break;
  }
  return found;
}

function notAList(): WarmError {
  return new WarmError('ERR_PAGETREE_LIST', 'it is a page of HTML, not a list', {
    hint: 'Name a sitemap, a feed or a list of URLs; --crawl follows the links of pages.',
  });
}
