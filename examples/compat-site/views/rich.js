import { escapeText, trusted } from './html.js';

const TOKEN = /<(\/?)(a|code|em|i|kbd|strong|sub|sup|var)(\s[^<>]*)?>|&(?:[a-z]+|#\d+|#x[\da-f]+);/gi;
const HREF = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)')/i;
const ENTITIES = new Map([
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
  ['&nbsp;', ' '],
  ['&amp;', '&'],
]);

/**
 * A description or note of the data as markup. Its few inline tags are kept, without their attributes but a
 * link's address on http(s); everything else is text. What it opens it closes, so a note can't swallow the page.
 * @param {string} text
 */
export function rich(text) {
  const open = [];
  let out = '';
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    out += escapeText(text.slice(end, match.index));
    end = match.index + match[0].length;
    const [token, slash, tag, attributes] = match;
    if (!tag) out += token;
    else if (slash) out += close(open, tag.toLowerCase());
    else out += start(open, tag.toLowerCase(), attributes ?? '');
  }
  out += escapeText(text.slice(end));
  return trusted(out + open.reverse().map(endTag).join(''));
}

function start(open, tag, attributes) {
  // A link inside a link would end the outer one: it becomes text, and so does one that leads nowhere safe.
  const href = tag === 'a' && !open.includes('a') ? hrefOf(attributes) : undefined;
  if (tag === 'a' && !href) {
    open.push('span');
    return '<span>';
  }
  open.push(tag);
  return href ? `<a href="${escapeText(href)}" rel="noreferrer">` : `<${tag}>`;
}

function close(open, tag) {
  const name = tag === 'a' && open.at(-1) === 'span' ? 'span' : tag;
  const at = open.lastIndexOf(name);
  return at < 0 ? '' : open.splice(at).reverse().map(endTag).join('');
}

const endTag = (tag) => `</${tag}>`;

function hrefOf(attributes) {
  const match = HREF.exec(attributes);
  const href = match && decode(match[1] ?? match[2]);
  return href && /^https?:\/\//i.test(href) ? href : undefined;
}

function decode(text) {
  return text.replace(/&(?:lt|gt|quot|#39|nbsp|amp);/g, (entity) => ENTITIES.get(entity));
}

/**
 * The same as text without markup, for titles and attributes; the template escapes it.
 * @param {string} text
 */
export function plain(text) {
  return decode(text.replace(TOKEN, (token) => (token.startsWith('&') ? token : '')));
}
