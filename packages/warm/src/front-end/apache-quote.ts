/** Text in the configuration of Apache. Pure. */
import { cannotWrite, refuseControls } from './writing.ts';

function checked(text: string): string {
  refuseControls('The configuration', 'Apache', text);
  if (!text.includes('${')) return text;
  const hint = 'Apache takes ${ for the beginning of a variable, wherever it stands.';
  throw cannotWrite('The configuration', 'Apache', text, hint);
}

/** An argument in double quotes. */
export function quotedForApache(text: string): string {
  return `"${checked(text).replace(/["\\]/g, '\\$&')}"`;
}

/** The value of a header field. mod_headers begins a variable with %, and an expression with `expr=`. */
export function fieldForApache(option: string, value: string): string {
  if (!/^expr=/i.test(value)) return quotedForApache(value.replaceAll('%', '%%'));
  throw cannotWrite(option, 'Apache', value, 'Apache takes expr= for the beginning of an expression.');
}

/**
 * An argument of mod_rewrite, which reads its own: backslashes are left to patterns and to `substitution`, and no quote ends
 * early. So what has one stands without quotes, its blanks escaped.
 */
export function quotedForRewrite(text: string): string {
  return checked(text).includes('"') ? text.replaceAll(' ', '\\ ') : `"${text}"`;
}

/** Text that stands for itself where mod_rewrite expands variables and backreferences. */
export function substitution(text: string): string {
  return text.replace(/[\\$%]/g, '\\$&');
}
