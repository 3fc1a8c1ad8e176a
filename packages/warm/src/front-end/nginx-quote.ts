/** Text in the configuration of nginx. Pure. */
import { cannotWrite, refuseControls } from './writing.ts';

/** The longest word that nginx reads, in bytes, with some room. */
const LONGEST = 4000;

/** A word in double quotes. A `$` in it still begins a variable, or an end in a pattern. */
export function quotedForNginx(text: string): string {
  refuseControls('The configuration', 'nginx', text);
  const escaped = text.replace(/["\\]/g, '\\$&');
  if (Buffer.byteLength(escaped) > LONGEST) {
    throw cannotWrite(
      'The configuration',
      'nginx',
      text,
      'nginx reads no word of more than 4096 bytes: name fewer cookies, hosts or paths.',
    );
  }
  return `"${escaped}"`;
}

/** Text that comes from outside and stands where nginx would read variables. */
export function withoutVariables(option: string, text: string): string {
  refuseControls(option, 'nginx', text);
  if (!text.includes('$')) return text;
  throw cannotWrite(
    option,
    'nginx',
    text,
    'nginx takes a $ for the beginning of a variable, and has no way to write one.',
  );
}
