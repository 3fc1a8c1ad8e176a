/**
 * What nginx makes of a request target: a model of `ngx_http_parse_complex_uri` (src/http/ngx_http_parse.c, with
 * `merge_slashes on`, not on Windows), octet by octet. It shares nothing with `src/key`.
 */
type State = 'usual' | 'slash' | 'dot' | 'dot-dot';

const code = (char: string) => char.charCodeAt(0);

/** Drops the last folder and the `/..` behind it; `false` when that leads above the root. */
function climb(out: number[]): boolean {
  out.splice(-3);
  while (out.length > 0 && out.at(-1) !== code('/')) out.pop();
  return out.length > 0;
}

/** The decoded and normalised path that nginx looks up, or why it answers 400. */
export function nginxPath(target: string): Buffer | 'invalid' {
  const input = Buffer.from(target, 'latin1');
  const out: number[] = [];
  let state: State = 'usual';
  for (let at = 0; at < input.length; at += 1) {
    let octet = input[at]!;
    if (octet <= 0x20 || octet === 0x7f) return 'invalid';
    if (octet === code('?') || octet === code('#')) break;
    if (octet === code('%')) {
      const digits = input.toString('latin1', at + 1, at + 3);
      if (!/^[0-9A-Fa-f]{2}$/.test(digits)) return 'invalid';
      octet = Number.parseInt(digits, 16);
      at += 2;
      if (octet === 0) return 'invalid';
      if (octet === code('%') || octet === code('#') || octet === code('?')) {
        state = 'usual';
        out.push(octet);
        continue;
      }
      // Any other octet goes through the states again, so that `%2e` is a dot and `%2f` a slash.
    }
    if (octet === code('/')) {
      if (state === 'dot') out.pop();
      else if (state === 'dot-dot' && !climb(out)) return 'invalid';
      else if (state === 'usual') out.push(octet);
      state = 'slash';
    } else if (octet === code('.') && state !== 'usual') {
      out.push(octet);
      state = state === 'slash' ? 'dot' : state === 'dot' ? 'dot-dot' : 'usual';
    } else {
      out.push(octet);
      state = 'usual';
    }
  }
  if (state === 'dot') out.pop();
  if (state === 'dot-dot' && !climb(out)) return 'invalid';
  return Buffer.from(out);
}
