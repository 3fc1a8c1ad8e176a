/** Globs on the command line. Pure. */

/**
 * An argument with a `*` or alternatives (`{a,b}`) in it is a glob, so that it may be quoted instead of named. `/a%2Ab` and
 * `/%7Ba,b%7D` are paths.
 */
export function isGlob(argument: string): boolean {
  return argument.includes('*') || (argument.startsWith('/') && /\{[^{}]*,[^{}]*\}/.test(argument));
}

/** What is at and below all that a glob covers, too. */
export function withBelow(glob: string): string {
  return glob.endsWith('/') ? `${glob}**` : `${glob}{,/**}`;
}

/** Whether one of its alternatives does not say which pages: it is meant for all of them. */
export function coversAll(glob: string): boolean {
  return alternatives(glob).some((one) => one.includes('**') && !/[^/*]/.test(one));
}

/** Nobody writes more alternatives by hand, and then there are letters in them. */
const MANY = 100;

/** What the braces of a glob stand for, the inner ones first. */
function alternatives(glob: string): string[] {
  const all = [glob];
  for (let at = 0; at < all.length && all.length < MANY; ) {
    const brace = /\{([^{}]*,[^{}]*)\}/.exec(all[at]!);
    if (brace === null) at += 1;
    else {
      const [text, inner] = brace as unknown as [string, string];
      const [before, after] = [all[at]!.slice(0, brace.index), all[at]!.slice(brace.index + text.length)];
      all.splice(at, 1, ...inner.split(',').map((one) => before + one + after));
    }
  }
  return all;
}
