/** One line of an access log, as nginx and Apache write it (formats `common`, `combined` and those with a host name in front). */
export interface LogLine {
  readonly method: string;
  readonly target: string;
  readonly status: number;
  /** The user agent; empty in the `common` format. */
  readonly agent: string;
}

/**
 * Takes a line of a log apart: `... [time] "GET /path HTTP/1.1" 200 ...`. Fields before the time are not
 * looked at, so that a log with the name of the host in front is read as well. `undefined` for anything else. Pure.
 *
 * Source: the formats `combined` of ngx_http_log_module and of Apache's mod_log_config.
 */
export function parseLogLine(line: string): LogLine | undefined {
  const open = line.indexOf('] "');
  if (open === -1 || line.lastIndexOf('[', open) === -1) return undefined;
  const close = endOfQuoted(line, open + 3);
  if (close === -1) return undefined;
  const status = /^" (\d{3}) /.exec(line.slice(close, close + 6));
  if (status === null) return undefined;
  const words = line.slice(open + 3, close).split(' ');
  const asked = words.length === 3 && words[2]!.startsWith('HTTP/');
  return {
    method: asked ? words[0]! : '',
    target: asked ? unescapeTarget(words[1]!) : '',
    status: Number(status[1]),
    agent: lastQuoted(line, close + 1),
  };
}

/** The next quote that no backslash stands before. */
function endOfQuoted(line: string, from: number): number {
  for (let at = from; at < line.length; at += 1) {
    if (line[at] === '\\') at += 1;
    else if (line[at] === '"') return at;
  }
  return -1;
}

/** The agent is the second quoted field after the status: the first is the referrer. */
function lastQuoted(line: string, from: number): string {
  const referrer = line.indexOf('"', from);
  const referrerEnd = referrer === -1 ? -1 : endOfQuoted(line, referrer + 1);
  const agent = referrerEnd === -1 ? -1 : line.indexOf('"', referrerEnd + 1);
  const agentEnd = agent === -1 ? -1 : endOfQuoted(line, agent + 1);
  return agentEnd === -1 ? '' : line.slice(agent + 1, agentEnd);
}

/**
 * Servers write a byte that is not printable as `\xC3`, and a quote as `\x22` or `\"`. A byte that came
 * raw in a target is sent escaped, as a browser would.
 */
function unescapeTarget(target: string): string {
  if (!target.includes('\\')) return target;
  return target.replace(/\\(?:x([0-9A-Fa-f]{2})|(["\\]))/g, (_, hex: string | undefined, plain: string) => {
    if (hex === undefined) return plain;
    const code = Number.parseInt(hex, 16);
    return code > 0x20 && code < 0x7f ? String.fromCharCode(code) : `%${hex.toUpperCase()}`;
  });
}
