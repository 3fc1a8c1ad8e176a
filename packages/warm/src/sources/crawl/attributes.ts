/** What the values of attributes of HTML say. Pure. */

/** Whether `<meta name=robots>` or `X-Robots-Tag` says that links should not be followed. */
export function forbidsFollowing(content: string): boolean {
  return content.split(',').some((word) => /^(?:.*:)?\s*(?:nofollow|none)\s*$/i.test(word));
}

/**
 * The URL of `<meta http-equiv=refresh>`: `5; url=/next` (HTML standard, 4.2.5.3). Taken apart step by step, since one expression
 * for all of it would take for ever on a long row of blanks. Pure.
 */
export function readRefresh(content: string): string | undefined {
  const rest = content.replace(/^[\s\d.]*[;,]?/, '').trimStart();
  const name = /^url\s*=/i.exec(rest);
  if (name === null) return undefined;
  const value = rest.slice(name[0].length).trim();
  if (value[0] !== '"' && value[0] !== "'") return value;
  const end = value.indexOf(value[0], 1);
  return value.slice(1, end === -1 ? value.length : end);
}

/** The URLs of `srcset`: each ends at a blank, and a comma ends its description (HTML standard, 4.8.4.2.1). Pure. */
export function readSrcset(value: string): string[] {
  const urls: string[] = [];
  let at = 0;
  while (at < value.length) {
    while (at < value.length && /[\s,]/.test(value[at]!)) at += 1;
    const start = at;
    while (at < value.length && !/\s/.test(value[at]!)) at += 1;
    const url = value.slice(start, at);
    const ended = url.endsWith(',');
    if (url !== '') urls.push(ended ? url.slice(0, trailingComma(url)) : url);
    if (ended) continue;
    let depth = 0;
    for (; at < value.length; at += 1) {
      if (value[at] === '(') depth += 1;
      else if (value[at] === ')') depth -= 1;
      else if (value[at] === ',' && depth <= 0) break;
    }
  }
  return urls.filter((url) => url !== '');
}

function trailingComma(url: string): number {
  let end = url.length;
  while (end > 0 && url[end - 1] === ',') end -= 1;
  return end;
}
