/** Text in a Caddyfile. Pure. */
import { cannotWrite, refuseControls } from './writing.ts';

/** A pattern, in back quotes where nothing is read. Where it has a back quote, in double quotes. */
export function caddyPattern(expression: string): string {
  refuseControls('The configuration', 'Caddy', expression);
  if (!expression.includes('`')) return `\`${expression}\``;
  return `"${expression.replaceAll('"', '\\"')}"`;
}

/** A word in double quotes. What comes from outside has no placeholder in it: see `plainForCaddy`. */
export function caddyWord(word: string): string {
  return `"${word.replaceAll('"', '\\"')}"`;
}

/** Text that comes from outside and stands where Caddy reads placeholders. */
export function plainForCaddy(option: string, value: string): string {
  refuseControls(option, 'Caddy', value);
  // A backslash before the closing quote would take it along.
  if (!/[{}\\]/.test(value)) return value;
  throw cannotWrite(option, 'Caddy', value, 'Caddy reads {, } and \\ as something else.');
}

/** The same for a part of a file's path, where Caddy reads patterns too. */
export function pathForCaddy(option: string, value: string): string {
  if (!/[*?[\]]/.test(value)) return plainForCaddy(option, value);
  throw cannotWrite(option, 'Caddy', value, 'Caddy reads *, ?, [ and ] as a pattern for files.');
}

/** The same for a name that is put behind a path that Caddy takes apart anew. */
export function nameForCaddy(value: string): string {
  const option = 'directoryIndex and pageFile';
  if (!/[#%]/.test(value)) return pathForCaddy(option, value);
  throw cannotWrite(option, 'Caddy', value, 'Caddy reads # and % as something else in the name of a file.');
}
